using Damon.Testing.ControlPlane.Faults;
using Damon.Testing.ControlPlane.Programs;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>One operator behind a proxy that makes faults, in front of a real server: after each it arrives where it would have without, and meanwhile asks no more than it must.</summary>
public class FaultTests(FaultTests.Plane plane) : IClassFixture<FaultTests.Plane>
{
    private const string Scheme = "reclaim";
    private const int NodeCount = 8;

    /// <summary>Ten nodes' worth of work, and some attempts of each: more than this is a loop.</summary>
    private const double MostRequestsPerSecond = 30;

    private static readonly TimeSpan FaultTime = TimeSpan.FromSeconds(4);

    private static readonly (string Name, Func<Fault[]> Make)[] All =
    [
        ("every second request is dropped", () => [new Fault(FaultKind.Drop, _ => true) { Every = 2 }]),
        ("every request is dropped", () => [new Fault(FaultKind.Drop, _ => true)]),
        ("answers to writes are lost", () => [new Fault(FaultKind.DropAnswer, request => request.IsWrite)]),
        ("answers to all reads break off", () => [new Fault(FaultKind.CutAnswer, request => !request.IsWrite)]),
        ("every write conflicts", () => [new Fault(FaultKind.Status, request => request is { IsWrite: true, Resource: not "leases" }) { StatusCode = 409 }]),
        ("every write is answered with 500", () => [new Fault(FaultKind.Status, request => request is { IsWrite: true, Resource: not "leases" }) { StatusCode = 500 }]),
        ("everything is answered with 500", () => [new Fault(FaultKind.Status, _ => true) { StatusCode = 500 }]),
        ("everything is answered with 429 and a wait", () => [new Fault(FaultKind.Status, _ => true) { StatusCode = 429, RetryAfter = TimeSpan.FromSeconds(1) }]),
        ("everything is answered with 401", () => [new Fault(FaultKind.Status, _ => true) { StatusCode = 401 }]),
        ("everything is answered with 403", () => [new Fault(FaultKind.Status, _ => true) { StatusCode = 403 }]),
        ("versions are forgotten, and lists are too", () => [new Fault(FaultKind.ExpireWatch, IsWatch), new Fault(FaultKind.Status, IsList) { StatusCode = 410 }]),
        ("versions are forgotten, and lists are slow", () => [new Fault(FaultKind.ExpireWatch, IsWatch) { Times = 5 }, new Fault(FaultKind.Slow, IsList) { Delay = TimeSpan.FromSeconds(1) }]),
        ("watches end at once", () => [new Fault(FaultKind.EndAtOnce, IsWatch)]),
        ("watches are half open", () => [new Fault(FaultKind.HalfOpen, IsWatch)]),
        ("writes get no answer", () => [new Fault(FaultKind.Hang, request => request is { IsWrite: true, Resource: not "leases" })]),
    ];

    public static TheoryData<string> Cases => [.. All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task After(string fault)
    {
        var (world, proxy, one) = await plane.WorldAsync();
        var age = plane.NextAge();
        proxy.Make(All.Single(known => known.Name == fault).Make());
        // Watches that are open would go on: with the fault they begin anew.
        proxy.Break();
        var before = proxy.Requests.Count;
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe", age));
        await Task.Delay(FaultTime, TimeProvider.System, TestContext.Current.CancellationToken);
        var asked = (proxy.Requests.Count - before) / FaultTime.TotalSeconds;

        proxy.Heal();
        // Whatever hangs would hang for its time-out of half a minute.
        proxy.Break();
        await world.UntilSchemeAsync(
            Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" } && scheme.Nodes("updated") == NodeCount && scheme.Nodes("observing") == NodeCount, "is as it should be");
        (await world.ListAsync(DamonKinds.Nodes)).Should().OnlyContain(plan => plan["spec"]!["schemes"]!.ToJsonString().Contains($"{age}s", StringComparison.Ordinal));
        asked.Should().BeLessThan(MostRequestsPerSecond, "no fault makes a hot loop");
        one.Process.HasExited.Should().BeFalse(one.Process.Output);
        one.Messages("error").Should().BeEmpty("what a server does wrong is no bug of ours");
    }

    private static bool IsWatch(ProxiedRequest request) => request.Verb == RequestVerb.Watch;

    private static bool IsList(ProxiedRequest request) => request.Verb == RequestVerb.List;

    public sealed class Plane : IAsyncDisposable
    {
        private OperatorWorld? _world;
        private FaultProxy? _proxy;
        private RunningOperator? _operator;
        private int _age = 60;

        internal int NextAge() => _age++;

        internal async Task<(OperatorWorld World, FaultProxy Proxy, RunningOperator Operator)> WorldAsync()
        {
            if (_operator is null)
            {
                _world = await OperatorWorld.StartAsync(new() { Nodes = NodeCount });
                _proxy = await FaultProxy.StartAsync(_world.Plane.Server, TestContext.Current.CancellationToken);
                _operator = _world.StartOperator("one", user: null, _proxy.Url, "--lease-duration", "15s");
                await _world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe", NextAge()));
                await _world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" } && scheme.Nodes("observing") == NodeCount, "observes everywhere");
            }

            return (_world!, _proxy!, _operator);
        }

        public async ValueTask DisposeAsync()
        {
            _operator?.Dispose();
            if (_proxy is not null)
                await _proxy.DisposeAsync();
            if (_world is not null)
                await _world.DisposeAsync();
        }
    }
}
