using Damon.Api.Nodes;
using Damon.Operator.Rollouts;
using Damon.Operator.Statuses;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Model;

public class RolloutTests
{
    private static readonly TimeSpan Soak = TimeSpan.FromMinutes(10);

    [Fact]
    public void Without_targets_it_is_observed_everywhere_and_nobody_acts()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.Targets = (_, _) => 0;
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromHours(5));
        run.Acting().Should().BeEmpty();
        run.Status().Nodes.Should().Be(new NodeCounts { Pending = 20 });
        run.Condition(ConditionTypes.Ready).Should().Be(("False", Reasons.WaitingForCanary));

        run.Cluster.Targets = (node, _) => node == SimulatedRun.Name(7) ? 1 : 0;
        run.Settle();
        run.Acting().Should().Equal(SimulatedRun.Name(7));
    }

    [Fact]
    public void First_the_canary_acts_then_the_steps_then_all()
    {
        var run = new SimulatedRun(nodes: 100);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        run.Status().Rollout.Should().Match<RolloutState>(rollout => rollout.Phase == RolloutPhase.Soaking && rollout.Step == 0);
        run.Acting().Should().HaveCount(5);

        run.Pass(Soak - TimeSpan.FromSeconds(1));
        run.Acting().Should().HaveCount(5);

        run.Pass(TimeSpan.FromSeconds(1));
        run.Acting().Should().HaveCount(100);
        run.Pass(TimeSpan.FromMinutes(1));
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Done);
        run.Status().Nodes.Should().Be(new NodeCounts { Active = 100, Updated = 100 });
        run.Condition(ConditionTypes.Ready).Should().Be(("True", Reasons.AllUpdated));
        run.Operator.Events.Select(one => one.Reason).Should().Equal(
            Reasons.RolloutStarted, Reasons.Canary, Reasons.Soaking, Reasons.Stepping, Reasons.Stepping, Reasons.RolloutDone);
    }

    [Fact]
    public void The_canary_is_the_same_after_a_restart_and_another_one_for_another_scheme()
    {
        var run = new SimulatedRun(nodes: 100);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Cluster.PutScheme("b", SimulatedRun.Enforce);
        run.Settle();
        var first = run.Acting();
        first.Should().HaveCount(5);
        run.Acting("b").Should().HaveCount(5).And.NotBeEquivalentTo(first);
        run.Operator.Restart();
        run.Settle();
        run.Acting().Should().Equal(first);
    }

    [Fact]
    public void Nodes_act_under_the_former_version_until_it_is_their_turn()
    {
        var run = Done(nodes: 40);
        var former = run.Status().Hash;
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"quota\":{\"size\":\"1Mi\"}"));
        run.Settle();
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Soaking);
        Hashes(run).Should().BeEquivalentTo(new Dictionary<string, int> { [former] = 38, [run.Status().Hash] = 2 });
        run.Status().Nodes.Should().Be(new NodeCounts { Active = 2, Pending = 38, Updated = 2 });
        run.Pass(TimeSpan.FromHours(1));
        Hashes(run).Should().BeEquivalentTo(new Dictionary<string, int> { [run.Status().Hash] = 40 });
    }

    [Theory]
    [InlineData("\"mode\":\"Observe\"")]
    [InlineData("\"paused\":true")]
    public void What_acts_less_reaches_all_nodes_at_once(string setting)
    {
        var run = Done(nodes: 40);
        run.Cluster.PutScheme("a", SimulatedRun.Spec(setting));
        run.Settle();
        Hashes(run).Should().ContainSingle().Which.Key.Should().Be(run.Status().Hash);
        run.Status().Nodes.Active.Should().Be(0);
        run.Status().Nodes.Updated.Should().Be(40);
    }

    [Fact]
    public void A_pause_in_the_middle_keeps_who_is_admitted_and_its_end_goes_on_with_them()
    {
        var run = new SimulatedRun(nodes: 40);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        var first = run.Acting();
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"paused\":true"));
        run.Pass(TimeSpan.FromHours(3));
        run.Acting().Should().Equal(first);
        run.Status().Nodes.Should().Be(new NodeCounts { Paused = 40, Updated = 2 });
        run.Condition(ConditionTypes.Paused).Should().Be(("True", Reasons.Paused));
        run.Condition(ConditionTypes.Ready).Should().Be(("False", Reasons.Paused));
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(Soak - TimeSpan.FromSeconds(1));
        run.Acting().Should().Equal(first, "the time of the pause was no watching");
        run.Pass(TimeSpan.FromMinutes(1));
        run.Acting().Should().HaveCount(40);
    }

    [Fact]
    public void A_pause_stops_former_versions_too_and_its_end_gives_them_back()
    {
        var run = Done(nodes: 40);
        var former = run.Status().Hash;
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"quota\":{\"size\":\"1Mi\"}", "\"paused\":true"));
        run.Settle();
        Hashes(run).Should().BeEquivalentTo(new Dictionary<string, int> { [former + "p"] = 40 });
        run.Status().Nodes.Should().Be(new NodeCounts { Paused = 40 });
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"quota\":{\"size\":\"1Mi\"}"));
        run.Settle();
        Hashes(run)[former].Should().Be(38);
    }

    [Theory]
    [InlineData("""{"mode":"Observe"}""", Reasons.ClusterObserve)]
    [InlineData("""{"mode":"Off"}""", Reasons.ClusterOff)]
    [InlineData("""{"mode":"Enforce","allowedActions":["Cold"]}""", Reasons.ActionNotAllowed)]
    [InlineData("""{"mode":"Enforce","somethingNew":1}""", Reasons.OperatorTooOld)]
    [InlineData("""{"mode":"Enforce","allowedActions":[7]}""", Reasons.ClusterConfigUnreadable)]
    public void Nobody_is_let_in_while_the_configuration_does_not_let_it_act(string config, string reason)
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.PutConfig(config);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromHours(9));
        run.Acting().Should().BeEmpty();
        run.Condition(ConditionTypes.Ready).Should().Be(("False", reason));
        run.Cluster.PutConfig("""{"mode":"Enforce"}""");
        run.Settle();
        run.Acting().Should().HaveCount(1, "the canary comes first all the same");
    }

    [Fact]
    public void A_canary_that_is_degraded_halts_the_rollout_until_somebody_resumes_it()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.Health = (_, _, acts) => acts ? (NodeSchemeState.Degraded, "BackendLost") : null;
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromHours(9));
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Halted);
        run.Acting().Should().HaveCount(1);
        run.Status().Failures.Should().Equal(new SchemeFailure(run.Acting()[0], "BackendLost", ""));
        run.Condition(ConditionTypes.Ready).Should().Be(("False", Reasons.Halted));
        run.Condition(ConditionTypes.Degraded).Should().Be(("True", Reasons.NodesDegraded));

        run.Cluster.Health = (_, _, _) => null;
        run.Pass(TimeSpan.FromHours(9));
        run.Acting().Should().HaveCount(1, "it does not go on by itself");

        run.Cluster.Annotate("a", "damon.dev/resume", "1");
        run.Pass(TimeSpan.FromHours(9));
        run.Acting().Should().HaveCount(20);
        run.Operator.Events.Select(one => one.Reason).Should().ContainInOrder(Reasons.Halted, Reasons.Recovered, Reasons.RolloutResumed, Reasons.RolloutDone);
    }

    [Fact]
    public void To_revert_is_to_give_back_the_version_that_was_done()
    {
        var run = Done(nodes: 20);
        var former = run.Status().Hash;
        run.Cluster.Health = (_, hash, acts) => acts && hash != former ? (NodeSchemeState.Degraded, "BackendLost") : null;
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"quota\":{\"size\":\"1Mi\"}", "\"rollout\":{\"onHalt\":\"Revert\"}"));
        run.Settle();
        run.Operator.Events.Select(one => one.Reason).Should().Contain(Reasons.Canary);
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Reverted);
        Hashes(run).Should().BeEquivalentTo(new Dictionary<string, int> { [former] = 20 });
        run.Condition(ConditionTypes.Ready).Should().Be(("False", Reasons.Reverted));
        run.Operator.Restart();
        run.Pass(TimeSpan.FromHours(1));
        Hashes(run).Should().BeEquivalentTo(new Dictionary<string, int> { [former] = 20 });
    }

    [Fact]
    public void To_revert_gives_the_former_version_back_though_the_last_node_has_left_it_and_the_operator_was_killed()
    {
        var run = Done(nodes: 4);
        var former = run.Status().Hash;
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"quota\":{\"size\":\"1Mi\"}", "\"rollout\":{\"onHalt\":\"Revert\",\"canary\":{\"percent\":\"100%\"},\"maxConcurrentNodes\":\"100%\"}"));
        run.Settle();
        Hashes(run).Should().NotContainKey(former);
        run.Operator.Restart();
        run.Cluster.Health = (_, hash, acts) => acts && hash != former ? (NodeSchemeState.Degraded, "BackendLost") : null;
        run.Settle();
        Hashes(run).Should().BeEquivalentTo(new Dictionary<string, int> { [former] = 4 });
    }

    [Fact]
    public void To_revert_a_first_version_is_to_observe()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.Health = (_, _, acts) => acts ? (NodeSchemeState.Degraded, "BackendLost") : null;
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"rollout\":{\"onHalt\":\"Revert\"}"));
        run.Settle();
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Reverted);
        run.Acting().Should().BeEmpty();
    }

    [Fact]
    public void A_node_that_is_out_of_reach_holds_the_rollout_and_after_five_minutes_halts_it()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        var first = run.Acting().Should().ContainSingle().Subject;
        run.Cluster.PutNode(first, isAgentReady: false);
        run.Pass(TimeSpan.FromMinutes(4.9));
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Canary);
        run.Status().Nodes.Unreachable.Should().Be(1);
        run.Operator.Restart();
        run.Pass(TimeSpan.FromMinutes(0.2));
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Halted, "a restart does not begin the five minutes anew");
    }

    [Fact]
    public void An_agent_that_restarts_holds_the_rollout_only_for_as_long()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        var first = run.Acting().Should().ContainSingle().Subject;
        run.Pass(TimeSpan.FromMinutes(9));
        run.Cluster.PutNode(first, isAgentReady: false);
        run.Pass(TimeSpan.FromMinutes(2));
        run.Cluster.PutNode(first);
        run.Pass(TimeSpan.FromMinutes(9.5));
        run.Acting().Should().Equal([first], "it is watched anew");
        run.Pass(TimeSpan.FromMinutes(1));
        run.Acting().Should().HaveCount(20);
    }

    [Fact]
    public void Trips_count_from_admission_on()
    {
        var run = new SimulatedRun(nodes: 20);
        foreach (var i in Enumerable.Range(0, 20))
            run.Cluster.Trip(SimulatedRun.Name(i), "a");
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        var first = run.Acting().Should().ContainSingle().Subject;
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Soaking);
        run.Operator.Restart();
        run.Cluster.Trip(first, "a");
        run.Settle();
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Halted);
    }

    [Fact]
    public void A_trip_after_the_agent_has_restarted_is_one_more()
    {
        var run = new SimulatedRun(nodes: 20);
        foreach (var i in Enumerable.Range(0, 60))
            run.Cluster.Trip(SimulatedRun.Name(i % 20), "a");
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        var first = run.Acting().Should().ContainSingle().Subject;
        run.Cluster.RestartAgent(first);
        run.Settle();
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Soaking);
        run.Cluster.Trip(first, "a");
        run.Settle();
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Halted);
    }

    [Fact]
    public void A_node_that_joins_in_the_middle_observes_first_and_takes_its_turn()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        run.Cluster.PutNode("new");
        run.Settle();
        run.Acting().Should().HaveCount(1).And.NotContain("new");
        Hashes(run).Keys.Should().HaveCount(2);
        run.Pass(TimeSpan.FromMinutes(11));
        run.Acting().Should().HaveCount(21);
    }

    [Fact]
    public void Nodes_that_join_what_is_done_are_let_in_a_few_at_a_time()
    {
        var run = Done(nodes: 20);
        var watch = new UnderWayWatch(run.Cluster, most: 4);
        foreach (var i in Enumerable.Range(20, 20))
            run.Cluster.PutNode(SimulatedRun.Name(i));
        run.Settle();
        run.Acting().Should().HaveCount(40);
        watch.Violations.Should().BeEmpty();
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Done);
    }

    [Fact]
    public void A_canary_that_leaves_gives_its_place_to_another()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        var first = run.Acting().Should().ContainSingle().Subject;
        run.Pass(TimeSpan.FromMinutes(9));
        run.Cluster.RemoveNode(first);
        run.Settle();
        run.Acting().Should().ContainSingle().Which.Should().NotBe(first);
        run.Pass(TimeSpan.FromMinutes(9));
        run.Acting().Should().HaveCount(1);
        run.Pass(TimeSpan.FromMinutes(2));
        run.Acting().Should().HaveCount(19);
    }

    [Fact]
    public void A_changed_version_in_the_middle_begins_anew_and_one_that_comes_back_finds_its_nodes()
    {
        var run = new SimulatedRun(nodes: 40);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromMinutes(5));
        var (first, hash) = (run.Acting(), run.Status().Hash);
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"quota\":{\"size\":\"1Mi\"}"));
        run.Settle();
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Soaking);
        run.Acting().Should().Equal(first, "nodes that act under a version before it come first, by the same order");
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        run.Status().Hash.Should().Be(hash);
        run.Pass(TimeSpan.FromHours(1));
        Hashes(run).Should().BeEquivalentTo(new Dictionary<string, int> { [hash] = 40 });
    }

    [Theory]
    [InlineData("\"rollout\":{\"maxConcurrentNodes\":\"50%\"}")]
    [InlineData("\"priority\":7")]
    [InlineData("\"nodeSelector\":{\"matchExpressions\":[{\"key\":\"nobody\",\"operator\":\"DoesNotExist\"}]}")]
    public void What_nodes_do_not_carry_out_writes_no_node_and_begins_no_rollout(string setting)
    {
        var run = Done(nodes: 20);
        var (hash, writes) = (run.Status().Hash, run.Cluster.NodeWrites);
        run.Cluster.PutScheme("a", SimulatedRun.Spec(setting));
        run.Pass(TimeSpan.FromMinutes(30));
        run.Status().Should().Match<SchemeStatus>(status => status.Hash == hash && status.ObservedGeneration == 2 && status.Rollout!.Phase == RolloutPhase.Done);
        run.Cluster.NodeWrites.Should().Be(writes);
    }

    [Fact]
    public void An_expired_scheme_observes_everywhere_and_says_so()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"expiresAfter\":\"2h\""));
        run.Pass(TimeSpan.FromHours(1.9));
        run.Acting().Should().HaveCount(20);
        run.Pass(TimeSpan.FromHours(0.1));
        run.Acting().Should().BeEmpty();
        run.Pass(TimeSpan.FromMinutes(1));
        run.Condition(ConditionTypes.Ready).Should().Be(("False", Reasons.Expired));
        run.Operator.Events.Count(one => one.Reason == Reasons.Expired).Should().Be(1);
    }

    [Fact]
    public void Nodes_that_cannot_do_it_are_passed_over()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.Health = (node, _, _) => string.CompareOrdinal(node, SimulatedRun.Name(10)) < 0 ? (NodeSchemeState.Unsupported, "NotInKernel") : null;
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromHours(1));
        run.Acting().Should().HaveCount(10).And.OnlyContain(node => string.CompareOrdinal(node, SimulatedRun.Name(10)) >= 0);
        run.Status().Nodes.Should().Be(new NodeCounts { Active = 10, Unsupported = 10, Updated = 10 });
        run.Condition(ConditionTypes.Ready).Should().Be(("True", Reasons.AllUpdated));
        run.Status().Failures.Should().HaveCount(10);
        run.Status().FailuresTruncated.Should().BeFalse();
    }

    [Fact]
    public void A_version_that_mends_a_degraded_one_is_let_in()
    {
        var run = Done(nodes: 20);
        var former = run.Status().Hash;
        run.Cluster.Health = (_, hash, _) => hash == former ? (NodeSchemeState.Degraded, "Unrepresentable") : null;
        run.Settle();
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"quota\":{\"size\":\"1Mi\"}"));
        run.Pass(TimeSpan.FromHours(1));
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Done);
        run.Status().Nodes.Should().Be(new NodeCounts { Active = 20, Updated = 20 });
    }

    [Fact]
    public void A_paused_node_is_no_canary_and_is_stopped()
    {
        var run = new SimulatedRun(nodes: 2);
        run.Cluster.PutNode(SimulatedRun.Name(0), labels: """{"damon.dev/paused":"true"}""");
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        run.Acting().Should().Equal(SimulatedRun.Name(1));
        ((string)run.Cluster.Object(SimulatedCluster.DamonNodes, SimulatedRun.Name(0))["spec"]!["mode"]!).Should().Be("Off");
        run.Pass(TimeSpan.FromHours(1));
        run.Status().Nodes.Should().Be(new NodeCounts { Active = 1, Stopped = 1, Updated = 2 });
    }

    private static SimulatedRun Done(int nodes)
    {
        var run = new SimulatedRun(nodes);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromHours(1));
        run.Status().Rollout!.Phase.Should().Be(RolloutPhase.Done);
        return run;
    }

    private static Dictionary<string, int> Hashes(SimulatedRun run, string scheme = "a") => run.Cluster.Names(SimulatedCluster.DamonNodes)
        .Select(node => SimulatedCluster.Entry(run.Cluster.Object(SimulatedCluster.DamonNodes, node), scheme))
        .Where(entry => entry is not null)
        .CountBy(entry => (string)entry!["hash"]!)
        .ToDictionary();
}
