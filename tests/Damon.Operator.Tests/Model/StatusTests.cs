using CsCheck;
using Damon.Api.Nodes;
using Damon.Operator.Statuses;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Model;

public class StatusTests
{
    private const string Observe = "\"mode\":\"Observe\"";

    [Fact]
    public void Without_nodes_it_is_ready()
    {
        var run = new SimulatedRun();
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        run.Condition(ConditionTypes.Ready).Should().Be(("True", Reasons.NoNodes));
    }

    [Theory]
    [InlineData(Observe)]
    [InlineData("\"mode\":\"Enforce\"")]
    public void Before_any_agent_can_have_answered_it_is_not_ready_and_after_five_minutes_nobody_waits_for_them(string mode)
    {
        var run = new SimulatedRun();
        for (var i = 0; i < 3; i++)
            run.Cluster.PutNode(SimulatedRun.Name(i), isAgentReady: false);
        run.Cluster.PutScheme("a", SimulatedRun.Spec(mode));
        run.Pass(TimeSpan.FromMinutes(4));
        run.Condition(ConditionTypes.Ready).Should().Be(("False", Reasons.Updating));
        run.Pass(TimeSpan.FromMinutes(3));
        run.Condition(ConditionTypes.Ready).Should().Be(("True", Reasons.NoUsableNodes));
        run.Cluster.PutNode(SimulatedRun.Name(1));
        run.Pass(TimeSpan.FromMinutes(1));
        run.Status().Nodes.Matched.Should().Be(3);
        run.Condition(ConditionTypes.Ready).Reason.Should().NotBe(Reasons.NoUsableNodes);
    }

    [Fact]
    public void Observing_everywhere_is_ready_at_once()
    {
        var run = new SimulatedRun(nodes: 30);
        run.Cluster.PutScheme("a", SimulatedRun.Spec(Observe));
        run.Settle();
        run.Pass(TimeSpan.FromSeconds(10));
        run.Status().Nodes.Should().Be(new NodeCounts { Observing = 30, Updated = 30 });
        run.Condition(ConditionTypes.Ready).Should().Be(("True", Reasons.AllUpdated));
        run.Condition(ConditionTypes.Progressing).Should().Be(("False", Reasons.UpToDate));
        run.Status().Conditions.Should().OnlyContain(condition => condition.ObservedGeneration == 1);
    }

    [Fact]
    public void However_agents_are_the_states_add_up_to_the_nodes_that_are_selected() =>
        Gen.Select(Gen.Int[0, 11].Array[1, 25], Gen.Bool, Gen.Bool).Sample((states, acts, isPaused) =>
        {
            var run = new SimulatedRun();
            for (var i = 0; i < states.Length; i++)
            {
                run.Cluster.PutNode(SimulatedRun.Name(i), isReady: states[i] != 8, hasAgent: states[i] != 9, isAgentReady: states[i] != 10, labels: i % 3 == 0 ? """{"zone":"a"}""" : "{}");
                if (states[i] == 11)
                    run.Cluster.Silent.Add(SimulatedRun.Name(i));
            }

            run.Cluster.Health = (node, _, _) => states[int.Parse(node[5..])] is < 8 and var state ? ((NodeSchemeState)state, "Some") : null;
            run.Cluster.PutScheme("a", SimulatedRun.Spec($"\"mode\":\"{(acts ? "Enforce" : "Observe")}\"", $"\"paused\":{(isPaused ? "true" : "false")}"));
            run.Cluster.PutScheme("b", SimulatedRun.Spec(Observe, "\"nodeSelector\":{\"matchLabels\":{\"zone\":\"a\"}}"));
            run.Pass(TimeSpan.FromMinutes(20));
            run.Status().Nodes.Matched.Should().Be(states.Length);
            run.Status("b").Nodes.Matched.Should().Be((states.Length + 2) / 3);
            run.Status().Nodes.Unreachable.Should().Be(states.Count(state => state >= 8));
            run.Status().Nodes.Updated.Should().BeLessThanOrEqualTo(states.Length - run.Status().Nodes.Unreachable - run.Status().Nodes.Unsupported);
            run.Status().Failures.Count.Should().BeLessThanOrEqualTo(10);
        });

    [Fact]
    public void At_most_ten_failures_are_named_and_it_is_said_that_there_are_more()
    {
        var run = new SimulatedRun(nodes: 30);
        run.Cluster.Health = (_, _, _) => (NodeSchemeState.Degraded, "BackendLost");
        run.Cluster.PutScheme("a", SimulatedRun.Spec(Observe));
        run.Pass(TimeSpan.FromMinutes(1));
        run.Status().Failures.Select(failure => failure.Node).Should().Equal(Enumerable.Range(0, 10).Select(SimulatedRun.Name), "of those that failed at the same time the first names stay, so that nothing is written anew");
        run.Status().FailuresTruncated.Should().BeTrue();
        run.Condition(ConditionTypes.Degraded).Should().Be(("True", Reasons.NodesDegraded));
    }

    [Fact]
    public void More_schemes_than_a_node_takes_are_told()
    {
        var run = new SimulatedRun(nodes: 3);
        foreach (var i in Enumerable.Range(0, 18))
            run.Cluster.PutScheme($"s{i:00}", SimulatedRun.Spec(Observe, $"\"priority\":{1000 - i}"));
        run.Pass(TimeSpan.FromMinutes(1));
        run.Status("s15").Nodes.Should().Be(new NodeCounts { Observing = 3, Updated = 3 });
        run.Status("s16").Nodes.Should().Be(new NodeCounts { Unsupported = 3 });
        run.Status("s16").Failures.Should().OnlyContain(failure => failure.Reason == Reasons.NodeSchemeLimit);
        run.Cluster.DeleteScheme("s03");
        run.Pass(TimeSpan.FromMinutes(1));
        run.Status("s16").Nodes.Should().Be(new NodeCounts { Observing = 3, Updated = 3 });
        run.Status("s17").Nodes.Should().Be(new NodeCounts { Unsupported = 3 });
    }

    [Fact]
    public void One_bad_scheme_holds_nobody_up_and_is_told()
    {
        var run = new SimulatedRun(nodes: 3);
        run.Cluster.PutScheme("bad", """{"target":{"podSelector":{}},"action":{"type":"Dance"}}""");
        run.Cluster.PutScheme("a", SimulatedRun.Spec(Observe));
        run.Pass(TimeSpan.FromMinutes(1));
        run.Condition(ConditionTypes.Accepted, "bad").Should().Be(("False", Reasons.OperatorTooOld));
        run.Condition(ConditionTypes.Ready, "bad").Should().Be(("False", Reasons.OperatorTooOld));
        run.Status("bad").Condition(ConditionTypes.Accepted)!.Message.Should().Contain("Dance");
        run.Condition(ConditionTypes.Ready).Should().Be(("True", Reasons.AllUpdated));
        run.Operator.Events.Should().ContainSingle(one => one.Reason == Reasons.OperatorTooOld);
    }

    [Fact]
    public void A_scheme_that_becomes_bad_leaves_the_nodes()
    {
        var run = new SimulatedRun(nodes: 3);
        run.Cluster.PutScheme("a", SimulatedRun.Spec(Observe));
        run.Settle();
        run.Cluster.PutScheme("a", """{"target":{"podSelector":{}},"action":{"type":"Dance"}}""");
        run.Pass(TimeSpan.FromMinutes(1));
        run.Cluster.Names(SimulatedCluster.DamonNodes).Should().OnlyContain(node => SimulatedCluster.Entry(run.Cluster.Object(SimulatedCluster.DamonNodes, node), "a") == null);
        run.Status().Nodes.Should().Be(default(NodeCounts));
    }

    [Fact]
    public void When_nothing_changes_nothing_is_written()
    {
        var run = new SimulatedRun(nodes: 30);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromHours(1));
        var (nodes, statuses) = (run.Cluster.NodeWrites, run.Cluster.StatusWrites);
        run.Operator.Restart();
        run.Pass(TimeSpan.FromHours(48));
        (run.Cluster.NodeWrites, run.Cluster.StatusWrites).Should().Be((nodes, statuses));
        run.Operator.NextTimer.Should().BeNull("nothing is waited for");
    }

    [Fact]
    public void While_only_counts_change_a_status_is_written_every_ten_seconds_at_the_most()
    {
        var run = new SimulatedRun(nodes: 60);
        run.Cluster.PutScheme("a", SimulatedRun.Spec(Observe));
        run.Pass(TimeSpan.FromMinutes(5));
        var before = run.Cluster.StatusWrites;
        for (var second = 0; second < 100; second++)
        {
            run.Cluster.PutNode(SimulatedRun.Name(second % 50), isReady: second >= 50);
            run.Pass(TimeSpan.FromSeconds(1));
        }

        (run.Cluster.StatusWrites - before).Should().BeInRange(8, 11);
    }

    [Fact]
    public void Events_tell_changes_and_a_restart_is_none()
    {
        var run = new SimulatedRun(nodes: 10);
        run.Cluster.Health = (_, _, _) => (NodeSchemeState.Degraded, "BackendLost");
        run.Cluster.PutScheme("a", SimulatedRun.Spec(Observe));
        run.Pass(TimeSpan.FromMinutes(1));
        run.Operator.Restart();
        run.Pass(TimeSpan.FromMinutes(1));
        run.Operator.Events.Count(one => one.Reason == Reasons.NodesDegraded).Should().Be(1);
        run.Cluster.Health = (_, _, _) => null;
        run.Pass(TimeSpan.FromMinutes(1));
        run.Operator.Events.Select(one => one.Reason).Should().ContainInOrder(Reasons.NodesDegraded, Reasons.Recovered);
    }

    [Fact]
    public void A_rail_that_holds_is_told_and_a_mode_is_no_rail()
    {
        var run = new SimulatedRun(nodes: 10);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromHours(1));
        run.Cluster.PutNode(SimulatedRun.Name(1), labels: """{"damon.dev/paused":"true"}""");
        run.Pass(TimeSpan.FromMinutes(1));
        run.Status().Nodes.Stopped.Should().Be(1);
        run.Condition(ConditionTypes.SafetyTripped).Should().Be(("False", Reasons.NoRailHolds));
        run.Cluster.Health = (node, _, _) => node == SimulatedRun.Name(2) ? (NodeSchemeState.Backoff, "Pressure") : null;
        run.Pass(TimeSpan.FromMinutes(1));
        run.Condition(ConditionTypes.SafetyTripped).Should().Be(("True", Reasons.RailsHold));
        run.Status().Nodes.Backoff.Should().Be(1);
    }

    [Fact]
    public void The_time_of_a_condition_is_that_of_its_status()
    {
        var run = new SimulatedRun(nodes: 10);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        var ready = run.Status().Condition(ConditionTypes.Ready)!;
        run.Pass(TimeSpan.FromMinutes(10));
        run.Status().Condition(ConditionTypes.Ready).Should().Match<ObjectCondition>(now => now.Status != ready.Status || now.LastTransitionTime == ready.LastTransitionTime);
        run.Pass(TimeSpan.FromMinutes(10));
        run.Status().Condition(ConditionTypes.Ready).Should().Match<ObjectCondition>(now => now.Status == "True" && now.LastTransitionTime > ready.LastTransitionTime);
    }
}
