using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Testing.ControlPlane.Faults;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Kubernetes.Tests.ControlPlane;

/// <summary>The proxy that other tests make faults with: without one it is the server, with one the client sees what such a fault looks like.</summary>
public class FaultProxyTests(FaultProxyTests.Plane plane) : IClassFixture<FaultProxyTests.Plane>
{
    private static readonly ObjectQuery Namespaces = new(ResourceKind.Namespaces);
    private static readonly ObjectKey Default = new("default");

    private static readonly (string Name, Func<Fault> Make, ApiFailureKind Seen)[] All =
    [
        ("a dropped connection", () => new Fault(FaultKind.Drop, _ => true), ApiFailureKind.Unreachable),
        ("a lost answer", () => new Fault(FaultKind.DropAnswer, _ => true), ApiFailureKind.Unreachable),
        ("half an answer", () => new Fault(FaultKind.CutAnswer, _ => true), ApiFailureKind.Unreachable),
        ("no answer", () => new Fault(FaultKind.Hang, _ => true), ApiFailureKind.Unreachable),
        ("401", () => new Fault(FaultKind.Status, _ => true) { StatusCode = 401 }, ApiFailureKind.Unauthorized),
        ("403", () => new Fault(FaultKind.Status, _ => true) { StatusCode = 403 }, ApiFailureKind.Forbidden),
        ("404", () => new Fault(FaultKind.Status, _ => true) { StatusCode = 404 }, ApiFailureKind.NotFound),
        ("409", () => new Fault(FaultKind.Status, _ => true) { StatusCode = 409 }, ApiFailureKind.Conflict),
        ("410", () => new Fault(FaultKind.Status, _ => true) { StatusCode = 410 }, ApiFailureKind.Expired),
        ("429", () => new Fault(FaultKind.Status, _ => true) { StatusCode = 429, RetryAfter = TimeSpan.FromSeconds(7) }, ApiFailureKind.Throttled),
        ("500", () => new Fault(FaultKind.Status, _ => true) { StatusCode = 500 }, ApiFailureKind.ServerError),
    ];

    public static TheoryData<string> Cases => [.. All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_fault_looks_as_a_real_one_does_and_is_over_when_it_is_healed(string name)
    {
        var (proxy, client) = await plane.ClientAsync();
        var (_, make, seen) = All.Single(one => one.Name == name);
        var fault = make();
        proxy.Make(fault);
        var failure = (await client.GetAsync(ResourceKind.Namespaces, Default, TestContext.Current.CancellationToken)).Failure;
        failure.Should().NotBeNull();
        failure!.Kind.Should().Be(seen);
        failure.RetryAfter.Should().Be(fault.RetryAfter);
        fault.Hits.Should().BePositive();

        proxy.Heal();
        (await client.GetAsync(ResourceKind.Namespaces, Default, TestContext.Current.CancellationToken)).Failure.Should().BeNull();
    }

    [Fact]
    public async Task A_lost_answer_leaves_what_the_server_did_and_a_dropped_request_leaves_nothing()
    {
        var (proxy, client) = await plane.ClientAsync();
        foreach (var (kind, name, isThere) in ((FaultKind, string, bool)[])[(FaultKind.DropAnswer, "lost-answer", true), (FaultKind.Drop, "dropped", false)])
        {
            proxy.Make(new Fault(kind, request => request.Verb == RequestVerb.Create) { Times = 1 });
            var body = System.Text.Encoding.UTF8.GetBytes($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}"} }""");
            (await client.CreateAsync(ResourceKind.Namespaces, "", body, TestContext.Current.CancellationToken)).Failure!.Kind.Should().Be(ApiFailureKind.Unreachable);
            (await client.GetAsync(ResourceKind.Namespaces, new ObjectKey(name), TestContext.Current.CancellationToken)).Succeeded.Should().Be(isThere);
        }
    }

    [Theory]
    [InlineData(FaultKind.EndAtOnce, null)]
    [InlineData(FaultKind.ExpireWatch, ApiFailureKind.Expired)]
    [InlineData(FaultKind.HalfOpen, ApiFailureKind.Unreachable)]
    public async Task A_watch_is_accepted_before_its_fault_shows(FaultKind kind, ApiFailureKind? seen)
    {
        var (proxy, client) = await plane.ClientAsync();
        var version = (await client.ListAsync(Namespaces, new ListPosition(), static _ => { }, TestContext.Current.CancellationToken)).Value.ResourceVersion;
        proxy.Make(new Fault(kind, request => request.Verb == RequestVerb.Watch));
        var opened = 0;
        var watching = client.WatchAsync(Namespaces, version, TimeSpan.FromSeconds(30), () => opened++, static (_, _) => { }, TestContext.Current.CancellationToken);
        if (kind == FaultKind.HalfOpen)
        {
            await Eventually.HoldsAsync(() => opened == 1, "that the watch is accepted", TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            proxy.Break();
        }

        var end = await watching;
        (end.IsOpened, end.Failure?.Kind).Should().Be((true, seen));
        proxy.Heal();
    }

    [Fact]
    public async Task Without_a_fault_lists_watches_and_writes_pass_and_are_told_apart()
    {
        var (proxy, client) = await plane.ClientAsync();
        proxy.Heal();
        var before = proxy.Requests.Count;
        var names = new List<string>();
        var page = await client.ListAsync(Namespaces, new ListPosition { Limit = 1 }, json => names.Add(ObjectHeader.Read(json).Key.Name), TestContext.Current.CancellationToken);
        page = await client.ListAsync(Namespaces, new ListPosition { Limit = 500, Continue = page.Value.Continue }, json => names.Add(ObjectHeader.Read(json).Key.Name), TestContext.Current.CancellationToken);
        names.Should().OnlyHaveUniqueItems().And.Contain(["default", "kube-system"]);

        var events = new List<string>();
        var opened = new TaskCompletionSource();
        var watching = client.WatchAsync(
            Namespaces,
            page.Value.ResourceVersion,
            TimeSpan.FromSeconds(2),
            opened.SetResult,
            (type, json) => events.Add($"{type} {ObjectHeader.Read(json).Key.Name}"),
            TestContext.Current.CancellationToken);
        await opened.Task;
        (await client.CreateAsync(ResourceKind.Namespaces, "", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"through-the-proxy"}}"""u8.ToArray(), TestContext.Current.CancellationToken)).Failure.Should().BeNull();
        (await watching).Failure.Should().BeNull();
        events.Should().Contain("Added through-the-proxy");

        proxy.Requests.Skip(before).Select(request => (request.Verb, request.Resource, request.IsFirstPage)).Should().Equal(
            (RequestVerb.List, "namespaces", true), (RequestVerb.List, "namespaces", false), (RequestVerb.Watch, "namespaces", false), (RequestVerb.Create, "namespaces", false));
    }

    [Fact]
    public async Task A_relay_counts_what_passes_stands_still_when_told_to_and_breaks_off()
    {
        await plane.ClientAsync();
        using var relay = new TcpRelay(plane.Server.Port);
        using var connection = ApiConnections.FromKubeconfig(plane.Server.KubeconfigOf(TestUser.Admin, relay.Url), context: null, new ConnectionOptions { UserAgent = "relay-tests" });
        var client = new ApiClient(connection, new ApiClientOptions { RequestTimeout = TimeSpan.FromSeconds(2) }, TimeProvider.System);
        Task<ApiResult<ReadOnlyMemory<byte>>> Get() => client.GetAsync(ResourceKind.Namespaces, Default, TestContext.Current.CancellationToken);

        (await Get()).Failure.Should().BeNull();
        (relay.BytesUp, relay.BytesDown).Should().Match<(long Up, long Down)>(bytes => bytes.Up > 100 && bytes.Down > 100);
        relay.Freeze();
        (await Get()).Failure!.Kind.Should().Be(ApiFailureKind.Unreachable);
        relay.Thaw();
        (await Get()).Failure.Should().BeNull();
        relay.Close();
        (await Get()).Failure!.Kind.Should().Be(ApiFailureKind.Unreachable);
        relay.Open();
        (await Get()).Failure.Should().BeNull();
    }

    [Fact]
    public async Task A_server_that_is_killed_comes_back_with_what_it_had()
    {
        var (proxy, client) = await plane.ClientAsync();
        proxy.Heal();
        (await client.CreateAsync(ResourceKind.Namespaces, "", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"kept"}}"""u8.ToArray(), TestContext.Current.CancellationToken)).Failure.Should().BeNull();
        var pid = plane.Server.Process.Pid;
        plane.Server.Kill();
        (await client.GetAsync(ResourceKind.Namespaces, Default, TestContext.Current.CancellationToken)).Failure!.Kind.Should().Be(ApiFailureKind.Unreachable);
        await plane.Server.StartAsync(TestContext.Current.CancellationToken);
        plane.Server.Process.Pid.Should().NotBe(pid);
        (await client.GetAsync(ResourceKind.Namespaces, new ObjectKey("kept"), TestContext.Current.CancellationToken)).Failure.Should().BeNull();
    }

    public sealed class Plane : IAsyncDisposable
    {
        private KubeApiServer? _server;
        private FaultProxy? _proxy;
        private ApiConnection? _connection;
        private int _served;

        internal KubeApiServer Server => _server!;

        internal async Task<(FaultProxy Proxy, ApiClient Client)> ClientAsync()
        {
            if (ControlPlaneAssets.WhyNot(ControlPlaneAssets.KubeApiServer) is { } reason)
                Assert.Skip(reason);
            _served++;
            if (_connection is null)
            {
                _server = new KubeApiServer();
                await _server.StartAsync(TestContext.Current.CancellationToken);
                _proxy = await FaultProxy.StartAsync(_server, TestContext.Current.CancellationToken);
                _connection = ApiConnections.FromKubeconfig(_server.KubeconfigOf(TestUser.Admin, _proxy.Url), context: null, new ConnectionOptions { UserAgent = "proxy-tests" });
            }

            return (_proxy!, new ApiClient(_connection, new ApiClientOptions { RequestTimeout = TimeSpan.FromSeconds(3) }, TimeProvider.System));
        }

        public async ValueTask DisposeAsync()
        {
            _connection?.Dispose();
            if (_proxy is not null)
                await _proxy.DisposeAsync();
            _server?.Dispose();
            TierReport.Served("fault-proxy", _served);
        }
    }
}
