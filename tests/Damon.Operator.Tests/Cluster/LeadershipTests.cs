using CsCheck;
using Damon.Operator.Hosting;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>Of several operators one acts, and whoever follows takes nothing back and repeats nothing.</summary>
public class LeadershipTests
{
    private const int Nodes = 12;

    [Fact]
    public void A_standby_looks_at_the_lease_and_at_nothing_else() => OperatorBench.Run(async bench =>
    {
        await ConvergenceTests.SettledAsync(bench, Nodes);
        bench.Start("b");
        await bench.Loop.Pass(TimeSpan.FromMinutes(10));
        bench.Requests.Where(request => request.Authorization == "b").Should().OnlyContain(request => request.Plural == "leases" && request.Verb == FakeVerb.Get);
    });

    [Fact]
    public void On_a_stop_the_lease_is_given_back_and_the_next_one_leads_within_seconds() => OperatorBench.Run(async bench =>
    {
        var a = await ConvergenceTests.SettledAsync(bench, Nodes);
        var b = bench.Start("b");
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));
        b.View.IsLeader.Should().BeFalse();
        var from = bench.Loop.Elapsed;
        (await a.EndAsync()).Should().Be(OperatorExitCode.Ok);
        bench.Holder().Should().BeEmpty();
        await bench.UntilAsync(() => b.View.Term is { IsSettled: true }, TimeSpan.FromSeconds(5), "the next leader");
        (bench.Loop.Elapsed - from).Should().BeLessThan(TimeSpan.FromSeconds(4));
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
        await bench.UntilAsync(() => bench.Ready("cold") == "True" && bench.Scheme("cold")!["status"]!["observedGeneration"]!.GetValue<int>() == 2, TimeSpan.FromMinutes(1), "a change by the next leader");
        a.Log.Should().Contain("The operator has ended.").And.NotContain("\"error\"");
    });

    [Fact]
    public void A_stop_in_the_middle_of_many_writes_ends_those_under_way_and_begins_no_other() => OperatorBench.Run(async bench =>
    {
        bench.Settings = bench.Settings with { WritesPerSecond = 20 };
        var a = await ConvergenceTests.SettledAsync(bench, nodes: 200);
        bench.Faults = static request => request is { IsWrite: true, Plural: "damonnodes" } ? FakeFault.Slow(TimeSpan.FromSeconds(3)) : null;
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
        await bench.Loop.Pass(TimeSpan.FromSeconds(5));
        var stoppedAt = bench.Loop.Elapsed;
        (await a.EndAsync()).Should().Be(OperatorExitCode.Ok);
        (bench.Loop.Elapsed - stoppedAt).Should().BeLessThan(TimeSpan.FromSeconds(20));
        var writes = bench.Writes.Count(request => request.At >= stoppedAt);
        writes.Should().BeLessThanOrEqualTo(8, "only what waited for its turn at the pacer");
        var now = bench.Loop.Elapsed;
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        bench.Requests.Where(request => request.At > now).Should().BeEmpty();
    });

    [Fact]
    public void A_stop_while_the_server_is_out_of_reach_ends_in_time() => OperatorBench.Run(async bench =>
    {
        var a = await ConvergenceTests.SettledAsync(bench, Nodes);
        bench.Faults = static _ => FakeFault.Hangs;
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
        await bench.Loop.Pass(TimeSpan.FromSeconds(3));
        var from = bench.Loop.Elapsed;
        await a.EndAsync();
        (bench.Loop.Elapsed - from).Should().BeLessThanOrEqualTo(OperatorProcess.EndGrace);
    });

    [Fact]
    public void A_leader_that_was_stopped_past_its_lease_writes_nothing_on_waking() => OperatorBench.Run(async bench =>
    {
        bench.Settings = bench.Settings with { WritesPerSecond = 20 };
        var a = await ConvergenceTests.SettledAsync(bench, nodes: 100);
        var b = bench.Start("b");
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));

        // In the middle of a hundred writes, at a moment when some are decided and wait.
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
        await bench.Loop.Pass(TimeSpan.FromSeconds(2));
        a.Stop();
        await bench.UntilAsync(() => b.View.IsLeader, TimeSpan.FromSeconds(30), "the next leader");
        await bench.UntilAsync(() => bench.Ready("cold") == "True" && bench.Count("cold", "updated") == 100, TimeSpan.FromMinutes(2), "the change by the next leader");
        var end = bench.FinalState();
        var from = bench.Loop.Elapsed;
        a.Resume();
        await bench.Loop.Pass(TimeSpan.FromMinutes(5));
        bench.Writes.Where(request => request.Authorization == "a" && request.At >= from).Should().BeEmpty();
        bench.FinalState().Should().Be(end);
        (a.View.IsLeader, b.View.IsLeader).Should().Be((false, true));
        bench.Requests.Should().Contain(request => request.Authorization == "a" && request.At >= from, "it has woken");
    });

    [Fact]
    public void A_leader_that_lost_its_lease_stands_again_in_the_same_process() => OperatorBench.Run(async bench =>
    {
        var a = await ConvergenceTests.SettledAsync(bench, Nodes);
        bench.Faults = static request => request.Plural == "leases" ? FakeFault.Unreachable : null;
        await bench.Loop.Pass(TimeSpan.FromSeconds(12));
        a.View.IsLeader.Should().BeFalse();
        var from = bench.Loop.Elapsed;
        bench.ChangeScheme("cold", Specs.WithQuota(Specs.Observe, "4Mi"));
        await bench.Loop.Pass(TimeSpan.FromSeconds(10));
        bench.Writes.Where(request => request.At >= from).Should().BeEmpty();
        bench.Faults = static _ => null;
        await bench.UntilAsync(() => a.View.IsLeader && bench.Ready("cold") == "True" && bench.Scheme("cold")!["status"]!["observedGeneration"]!.GetValue<int>() == 2, TimeSpan.FromMinutes(1), "the change");
        a.View.Figures().Terms.Should().Be(2);
    });

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public void An_operator_whose_clock_is_off_by_an_hour_ends_where_others_end_and_hurries_nobody(int skew)
    {
        var (right, off) = ("", "");
        OperatorBench.Run(async bench => right = await RolledOutAsync(bench, skew: 0));
        OperatorBench.Run(async bench => off = await RolledOutAsync(bench, skew));
        off.Should().Be(right);

        static async Task<string> RolledOutAsync(OperatorBench bench, int skew)
        {
            bench.WithNodes(Nodes).StartAgents();
            bench.PutConfig("Enforce");
            bench.PutScheme("acting", Specs.Careful.Replace("\"quota\"", "\"rollout\":{\"canary\":{\"soak\":\"10m\"}},\"quota\"", StringComparison.Ordinal));
            bench.Start(skew: TimeSpan.FromSeconds(skew));
            await bench.Loop.Pass(TimeSpan.FromMinutes(5));
            bench.Count("acting", "active").Should().BeInRange(1, 2, "the canary soaks");
            await bench.UntilAsync(() => bench.Ready("acting") == "True", TimeSpan.FromMinutes(30), "the rollout");
            return bench.FinalState();
        }
    }

    /// <summary>SIGKILL at any point of a rollout, as often as it comes: the end is that of an undisturbed run, nobody acted too early, and no write was repeated beyond what was under way.</summary>
    [Fact]
    public void Killed_at_any_point_of_a_rollout_nothing_is_lost()
    {
        var undisturbed = "";
        OperatorBench.Run(async bench => undisturbed = await RolloutAsync(bench, kills: []));
        Check.Sample(
            Gen.Int[200, 60_000].Array[1, 6],
            kills => OperatorBench.Run(async bench => (await RolloutAsync(bench, kills)).Should().Be(undisturbed)),
            iter: 60,
            threads: 1);

        static async Task<string> RolloutAsync(OperatorBench bench, int[] kills)
        {
            bench.WithNodes(Nodes).StartAgents();
            bench.PutConfig("Enforce");
            bench.PutScheme("cold");
            bench.PutScheme("acting", """
                {"mode":"Enforce","target":{"podSelector":{},"all":true},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"2m"}},"action":{"type":"Pageout"},"quota":{"size":"8Mi"},
                 "rollout":{"canary":{"percent":"20%","soak":"30s"},"steps":["50%","100%"],"maxConcurrentNodes":"20%"}}
                """);
            var current = bench.Start("k0");
            var number = 0;
            foreach (var kill in kills)
            {
                await bench.Loop.Pass(TimeSpan.FromMilliseconds(kill));
                current.Kill();
                current = bench.Start($"k{++number}");
            }

            await bench.UntilAsync(() => bench.Ready("acting") == "True" && bench.Ready("cold") == "True", TimeSpan.FromMinutes(20), "the rollout");
            await bench.Loop.Pass(TimeSpan.FromMinutes(1));
            return bench.FinalState();
        }
    }
}
