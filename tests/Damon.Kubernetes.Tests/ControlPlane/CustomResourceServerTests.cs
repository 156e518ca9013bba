using Damon.Kubernetes.Tests.Conformance;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Kubernetes.Tests.ControlPlane;

public class CustomResourceServerTests(CustomResourceServerTests.Plane plane) : IClassFixture<CustomResourceServerTests.Plane>
{
    public static TheoryData<string> Cases => [.. ApiServerCases.All.Where(law => !law.NeedsBuiltInKinds).Select(law => law.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_current_server_of_custom_resources_keeps_to_the_law(string name) =>
        await ApiServerCases.All.Single(law => law.Name == name).Body(await plane.ServerAsync());

    public sealed class Plane() : RealServerFixture(ControlPlaneAssets.CustomResourceServer, static () => new CustomResourceServer());
}
