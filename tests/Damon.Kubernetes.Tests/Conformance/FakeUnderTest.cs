using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Kubernetes.Tests.Conformance;

/// <summary>The fake server, on virtual time.</summary>
internal sealed class FakeUnderTest : ApiServerUnderTest
{
    public FakeUnderTest(VirtualLoop loop)
    {
        Time = loop;
        Server = new FakeApiServer(loop, WidgetKind, GadgetKind, FakeKind.Pods, FakeKind.Leases, FakeKind.Events);
        Client = ClientOf(Server, loop);
    }

    public static FakeKind WidgetKind { get; } = Kind(Widgets);

    public static FakeKind GadgetKind { get; } = Kind(Gadgets);

    public FakeApiServer Server { get; }

    public override ApiClient Client { get; }

    public override TimeProvider Time { get; }

    public override bool HasBuiltInKinds => true;

    public override bool ForgetsPagesOnCompaction => true;

    public override bool ChecksIdentityOfApplies => true;

    /// <summary>A client whose transport is the fake server itself.</summary>
    public static ApiClient ClientOf(FakeApiServer server, TimeProvider time, IRequestCredentials? credentials = null) =>
        new(new ApiConnection(new Uri("http://fake.test"), new HttpMessageInvoker(server, disposeHandler: false), credentials), new ApiClientOptions(), time);

    public override Task CompactAsync()
    {
        Server.Compact();
        return Task.CompletedTask;
    }

    public override Task RemoveGadgetsAsync()
    {
        Server.RemoveKind(GadgetKind);
        return Task.CompletedTask;
    }

    private static FakeKind Kind(ResourceKind kind) => new(kind.Group, kind.Version, kind.Plural, kind.Kind, kind.IsNamespaced);
}
