using System.Text;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Tests.Conformance;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Kubernetes.Tests.ControlPlane;

/// <summary>A real server that knows the kinds of the cases.</summary>
/// <param name="server">The server; owned.</param>
internal sealed class RealServerUnderTest(ApiServer server) : ApiServerUnderTest, IDisposable
{
    private static readonly TimeSpan ServedPatience = TimeSpan.FromSeconds(60);

    public ApiServer Server => server;

    public override ApiClient Client => server.Client;

    public override TimeProvider Time => TimeProvider.System;

    public override bool HasBuiltInKinds => server.HasBuiltInKinds;

    /// <summary>From 1.34 on pages may come from memory.</summary>
    public override bool ForgetsPagesOnCompaction => false;

    public override bool ChecksIdentityOfApplies => server is CustomResourceServer;

    public async Task StartAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await server.StartAsync(cancellation);
        foreach (var kind in (ResourceKind[])[Widgets, Gadgets])
        {
            (await Client.CreateAsync(DamonKinds.Definitions, "", Definition(kind), cancellation)).Failure.Should().BeNull();
            await Eventually.HoldsAsync(
                async () => (await Client.ListAsync(new ObjectQuery(kind), new ListPosition(), static _ => { }, cancellation)).Succeeded, $"that {kind} is served", ServedPatience, cancellation);
        }
    }

    public override Task CompactAsync() => server.Etcd.CompactAsync(TestContext.Current.CancellationToken);

    public override async Task RemoveGadgetsAsync() =>
        (await Client.DeleteAsync(DamonKinds.Definitions, new ObjectKey($"{Gadgets.Plural}.{Gadgets.Group}"), uid: null, CancellationToken.None)).Failure.Should().BeNull();

    public void Dispose() => server.Dispose();

    private static byte[] Definition(ResourceKind kind) => Encoding.UTF8.GetBytes(
        $$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{kind.Plural}}.{{kind.Group}}"},
         "spec":{"group":"{{kind.Group}}","scope":"Cluster","names":{"plural":"{{kind.Plural}}","singular":"{{kind.Kind.ToLowerInvariant()}}","kind":"{{kind.Kind}}"},
           "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{} },
             "schema":{"openAPIV3Schema":{"type":"object","properties":{
               "spec":{"type":"object","properties":{"size":{"type":"integer"},"color":{"type":"string"} } },
               "status":{"type":"object","properties":{"state":{"type":"string"},"reason":{"type":"string"} } } } } } }]} }
        """);
}
