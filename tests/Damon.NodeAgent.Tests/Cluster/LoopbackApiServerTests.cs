using System.Diagnostics.CodeAnalysis;
using System.Text;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Tests.Plans;
using Damon.Testing.ApiServer;

namespace Damon.NodeAgent.Tests.Cluster;

/// <summary>The fake API server over a socket is the same as without one: asked by the client that the agent has, with a kubeconfig file.</summary>
[SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A kubeconfig file of the test's own.")]
public sealed class LoopbackApiServerTests : IAsyncLifetime
{
    private readonly string _kubeconfig = Path.GetTempFileName();
    private readonly FakeApiServer _fake = new(TimeProvider.System, FakeKind.DamonNodes, FakeKind.Events);
    private readonly LoopbackApiServer _server;
    private ApiConnection? _connection;
    private ApiClient? _client;

    public LoopbackApiServerTests() => _server = new LoopbackApiServer(_fake);

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_kubeconfig, _server.Kubeconfig, TestContext.Current.CancellationToken);
        _connection = ApiConnections.FromKubeconfig(_kubeconfig, context: null, new ConnectionOptions { UserAgent = "test" });
        _client = new ApiClient(_connection, new ApiClientOptions(), TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _connection?.Dispose();
        await _server.DisposeAsync();
        _fake.Dispose();
        File.Delete(_kubeconfig);
    }

    [Fact]
    public async Task What_is_made_is_listed_applied_and_deleted()
    {
        (await _client!.CreateAsync(ClusterKinds.Nodes, "", PlanDocuments.Node("Enforce", PlanDocuments.Scheme("cold")), CancellationToken.None)).Failure.Should().BeNull();
        var names = new List<string>();
        (await _client.ListAsync(new ObjectQuery(ClusterKinds.Nodes), new ListPosition(), json => names.Add(ObjectHeader.Read(json).Key.Name), CancellationToken.None)).Failure.Should().BeNull();
        names.Should().Equal("n1");

        var key = new ObjectKey("n1");
        var status = Encoding.UTF8.GetBytes("""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode","metadata":{"name":"n1"},"status":{"kernel":"6.12.0"}}""");
        (await _client.PatchAsync(ClusterKinds.Nodes, key, PatchKind.Apply, status, "test", force: true, CancellationToken.None)).Failure.Should().BeNull();
        (await _server.DoAsync(fake => fake.Objects(FakeKind.DamonNodes))).Should().ContainSingle();

        (await _client.DeleteAsync(ClusterKinds.Nodes, key, uid: null, CancellationToken.None)).Failure.Should().BeNull();
        (await _server.DoAsync(fake => fake.Objects(FakeKind.DamonNodes))).Should().BeEmpty();
    }

    [Fact]
    public async Task A_watch_is_open_before_anything_happens_brings_what_does_and_is_gone_with_its_client()
    {
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new TaskCompletionSource<WatchEventType>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        var version = await _server.DoAsync(fake => fake.Version);
        var watch = _client!.WatchAsync(new ObjectQuery(ClusterKinds.Nodes), $"{version}", TimeSpan.FromMinutes(5), opened.SetResult, (type, _) => seen.TrySetResult(type), stop.Token);

        await opened.Task;
        await _server.DoAsync(fake => fake.Put(FakeKind.DamonNodes, """{"metadata":{"name":"n1"},"spec":{"mode":"Off"}}"""));
        (await seen.Task).Should().Be(WatchEventType.Added);
        (await _server.DoAsync(fake => fake.OpenWatches)).Should().Be(1);

        await stop.CancelAsync();
        await watch.Awaiting(ended => ended).Should().ThrowAsync<OperationCanceledException>();
        while (await _server.DoAsync(fake => fake.OpenWatches) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task What_goes_wrong_in_the_fake_goes_wrong_on_the_wire()
    {
        var fault = FakeFault.Answers(503, "ServiceUnavailable", TimeSpan.FromSeconds(7));
        await _server.DoAsync(fake => fake.Faults = _ => fault);
        var refused = (await GetAsync()).Failure!;
        (refused.Kind, refused.RetryAfter).Should().Be((ApiFailureKind.ServerError, TimeSpan.FromSeconds(7)));

        fault = FakeFault.Unreachable;
        (await GetAsync()).Failure!.Kind.Should().Be(ApiFailureKind.Unreachable);

        await _server.DoAsync(fake => fake.Faults = static _ => null);
        (await GetAsync()).Failure!.Kind.Should().Be(ApiFailureKind.NotFound);
    }

    private Task<ApiResult<ReadOnlyMemory<byte>>> GetAsync() => _client!.GetAsync(ClusterKinds.Nodes, new ObjectKey("n1"), CancellationToken.None);
}
