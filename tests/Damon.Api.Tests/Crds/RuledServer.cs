using System.Globalization;
using System.Text;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Api.Tests.Crds;

/// <summary>
/// A real API server that looks at rules in definitions, for all tests of a class: a stand-alone server of custom resources where there is one, which starts in a second, else a kube-apiserver that is new enough.
/// </summary>
public sealed class RuledServer : IAsyncLifetime
{
    private const int MinMinorWithRules = 30;

    private ApiServer? _server;
    private int _served;

    /// <summary>Why there is no server; empty where there is one.</summary>
    public string WhyNot { get; private set; } = "";

    private ApiClient Client => _server!.Client;

    public async ValueTask InitializeAsync()
    {
        var isStandAlone = ControlPlaneAssets.Has(ControlPlaneAssets.CustomResourceServer);
        if (ControlPlaneAssets.WhyNot(isStandAlone ? ControlPlaneAssets.CustomResourceServer : ControlPlaneAssets.KubeApiServer) is { } reason)
        {
            WhyNot = reason;
            return;
        }

        _server = isStandAlone ? new CustomResourceServer() : new KubeApiServer(new());
        await _server.StartAsync(TestContext.Current.CancellationToken);
        if (_server is KubeApiServer kube && await kube.MinorVersionAsync(TestContext.Current.CancellationToken) is var minor && minor < MinMinorWithRules)
            WhyNot = string.Create(CultureInfo.InvariantCulture, $"The API server is Kubernetes 1.{minor}; rules in definitions need 1.{MinMinorWithRules}.");
    }

    /// <summary>Gives the server an object, in the way of kubectl apply --server-side. One of ours that was taken is taken away again, so that no case meets what another has left.</summary>
    /// <returns>Whether it was taken, and what it has become; else why not.</returns>
    public async Task<(bool IsOk, string Answer)> Apply(ResourceKind kind, string name, string yaml)
    {
        _served++;
        var key = new ObjectKey(name);
        var applied = await Client.PatchAsync(kind, key, PatchKind.Apply, Encoding.UTF8.GetBytes(yaml), "test", force: true, TestContext.Current.CancellationToken);
        if (applied.Failure is { } failure)
            return (false, failure.Message);
        if (DamonKinds.All.Contains(kind))
            (await Client.DeleteAsync(kind, key, uid: null, TestContext.Current.CancellationToken)).Failure.Should().BeNull();
        return (true, Encoding.UTF8.GetString(applied.Value.Span));
    }

    /// <summary>Waits until a kind is served, which is a moment after its definition was taken.</summary>
    public Task UntilServed(ResourceKind kind) => Eventually.HoldsAsync(
        async () => (await Client.ListAsync(new ObjectQuery(kind), new ListPosition(), static _ => { }, TestContext.Current.CancellationToken)).Succeeded,
        $"that {kind} is served",
        TimeSpan.FromSeconds(60),
        TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        TierReport.Served("definitions", _served);
        return ValueTask.CompletedTask;
    }
}
