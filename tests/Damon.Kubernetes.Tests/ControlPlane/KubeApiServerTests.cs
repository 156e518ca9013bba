using System.Diagnostics.CodeAnalysis;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Tests.Conformance;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Kubernetes.Tests.ControlPlane;

public class KubeApiServerTests(KubeApiServerTests.Plane plane) : IClassFixture<KubeApiServerTests.Plane>
{
    public static TheoryData<string> Cases => [.. ApiServerCases.All.Select(law => law.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_kube_apiserver_keeps_to_the_law(string name) => await ApiServerCases.All.Single(law => law.Name == name).Body(await plane.ServerAsync());

    [Fact]
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A service account's folder of the test's own.")]
    public async Task A_replaced_token_is_used_after_the_server_refused_the_old_one()
    {
        var server = (KubeApiServer)(await plane.ServerAsync()).Server;
        var folder = Directory.CreateTempSubdirectory("damon-account-");
        try
        {
            File.Copy(server.Authority.CertificatePath, Path.Combine(folder.FullName, "ca.crt"));
            var token = Path.Combine(folder.FullName, "token");
            await File.WriteAllTextAsync(token, "not-a-token\n", TestContext.Current.CancellationToken);
            using var connection = ApiConnections.InCluster("127.0.0.1", server.Port, new ConnectionOptions { UserAgent = "test" }, TimeProvider.System, folder.FullName);
            var client = new ApiClient(connection, new ApiClientOptions(), TimeProvider.System);
            var key = new ObjectKey("default");
            (await client.GetAsync(ResourceKind.Namespaces, key, CancellationToken.None)).Failure!.Kind.Should().Be(ApiFailureKind.Unauthorized);
            await File.WriteAllTextAsync(token, TestUser.Admin.Token + "\n", TestContext.Current.CancellationToken);
            (await client.GetAsync(ResourceKind.Namespaces, key, CancellationToken.None)).Failure.Should().BeNull();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A service account's folder of the test's own.")]
    public async Task A_server_of_another_authority_is_not_trusted()
    {
        var server = (KubeApiServer)(await plane.ServerAsync()).Server;
        var folder = Directory.CreateTempSubdirectory("damon-account-");
        try
        {
            using (new TestAuthority(folder.FullName))
            {
            }

            await WriteTokenAsync(folder.FullName);
            using var connection = ApiConnections.InCluster("127.0.0.1", server.Port, new ConnectionOptions { UserAgent = "test" }, TimeProvider.System, folder.FullName);
            var client = new ApiClient(connection, new ApiClientOptions(), TimeProvider.System);

            (await client.GetAsync(ResourceKind.Namespaces, new ObjectKey("default"), CancellationToken.None)).Failure!.Kind.Should().Be(ApiFailureKind.Unreachable);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A service account's folder of the test's own.")]
    private static Task WriteTokenAsync(string folder) => File.WriteAllTextAsync(Path.Combine(folder, "token"), TestUser.Admin.Token, TestContext.Current.CancellationToken);

    public sealed class Plane() : RealServerFixture(ControlPlaneAssets.KubeApiServer, static () => new KubeApiServer());
}
