using Damon.Kubernetes.Objects;
using Damon.Testing.ControlPlane.Programs;
using Damon.Testing.ControlPlane.Servers;
using Tmds.Linux;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>Several operators on one real API server, each known to it by its own name.</summary>
public class LeadershipTests
{
    private const string Scheme = "reclaim";

    private static readonly TestUser Second = TestUser.ServiceAccount(RunningOperator.Namespace, "second-operator");

    [Fact]
    public async Task When_the_leader_is_killed_in_a_rollout_another_goes_on_where_it_was_and_they_never_take_turns()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 20, FurtherOperators = [Second] });
        var first = world.StartOperator("first");
        await world.UntilLeaderAsync(first);
        var second = world.StartOperator("second", Second);
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Enforce", rollout: "{canary: {percent: 10%, soak: 3s}, steps: [50%, 100%], maxConcurrentNodes: 20%}"));
        var before = await world.UntilSchemeAsync(Scheme, scheme => scheme.Phase == "Soaking", "soaks");
        (await second.IsLeaderAsync(TestContext.Current.CancellationToken)).Should().BeFalse();
        (await second.SaysOkAsync("/healthz", TestContext.Current.CancellationToken)).Should().BeTrue("standing by is healthy");

        first.Process.Kill();
        await world.UntilLeaderAsync(second);
        var done = await world.UntilDoneAsync(Scheme);
        done.Hash.Should().Be(before.Hash, "the same version is rolled out");
        TurnsOf(world).Should().Equal(RunningOperator.User.Name, Second.Name);
    }

    [Fact]
    public async Task A_leader_that_is_asked_to_end_hands_over_before_its_lease_is_over()
    {
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 3, FurtherOperators = [Second] });
        var first = world.StartOperator("first", user: null, via: null, "--lease-duration", "60s");
        await world.UntilLeaderAsync(first);
        var second = world.StartOperator("second", Second, via: null, "--lease-duration", "60s");
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe"));
        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" }, "is ready");
        await world.UntilAsync(() => second.SaysOkAsync("/readyz", TestContext.Current.CancellationToken), "that the other stands by");

        (await first.Process.StopAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Should().Be(0, first.Process.Output);
        await Eventually.HoldsAsync(
            () => second.IsLeaderAsync(TestContext.Current.CancellationToken), "the other leads", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken, () => second.Process.Output);
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe", ageSeconds: 60));
        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" }, "is ready again");
    }

    [Fact]
    public async Task A_leader_that_was_stopped_past_its_lease_writes_nothing_when_it_wakes()
    {
        // It is stopped with most of its writes still before it, and all of them decided.
        await using var world = await OperatorWorld.StartAsync(new() { Nodes = 40, FurtherOperators = [Second] });
        var first = world.StartOperator("first", user: null, via: null, "--writes-per-second", "8");
        await world.UntilLeaderAsync(first);
        var second = world.StartOperator("second", Second);
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe"));
        await world.UntilPlansAsync(plans => plans.Count >= 15, "some plans, but not all");
        first.Process.Signal(LibC.SIGSTOP);
        await world.UntilAsync(() => second.IsLeaderAsync(TestContext.Current.CancellationToken), "that the other leads");
        await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" } && scheme.Nodes("observing") == 40, "the other did the rest");

        // Something changes too, so that what the first had in mind would be wrong by now.
        await world.ApplySchemeAsync(Scheme, OperatorWorld.Spec("Observe", ageSeconds: 60));
        var changed = await world.UntilSchemeAsync(Scheme, scheme => scheme is { IsCurrent: true, Ready: "True" } && scheme.Nodes("updated") == 40, "the other did the change");
        var requests = world.Audit.ReadOn();
        requests.Count(request => request.User == RunningOperator.User.Name && request is { IsWrite: true, Resource: "damonnodes" }).Should().BeLessThan(40, "the first was stopped before its end");

        first.Process.Signal(LibC.SIGCONT);
        await world.UntilAsync(() => first.SaysOkAsync("/healthz", TestContext.Current.CancellationToken), "that the first is awake");
        await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System, TestContext.Current.CancellationToken);
        world.Audit.ReadOn().Where(request => request.User == RunningOperator.User.Name && request.IsWrite).Should().BeEmpty("its lease is another's");
        (await first.IsLeaderAsync(TestContext.Current.CancellationToken)).Should().BeFalse();
        new SchemeReading((await world.SchemeAsync(Scheme))!).Hash.Should().Be(changed.Hash);
        first.Process.HasExited.Should().BeFalse("it stands by again");

        // It is good for something yet.
        second.Process.Kill();
        await world.UntilLeaderAsync(first);
    }

    /// <summary>Who wrote, one after the other: a name stands twice where two took turns.</summary>
    private static IEnumerable<string> TurnsOf(OperatorWorld world)
    {
        var last = "";
        foreach (var request in world.Audit.ReadOn().Where(request => request is { IsWrite: true, Resource: not "leases" }).OrderBy(request => request.At))
        {
            if (request.User != last)
                yield return last = request.User;
        }
    }
}
