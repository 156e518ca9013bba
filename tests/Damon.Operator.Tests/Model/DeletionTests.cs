using Damon.Kubernetes.Events;
using Damon.Operator.Statuses;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Model;

public class DeletionTests
{
    [Fact]
    public void The_finalizer_is_there_before_any_node_hears_of_a_scheme()
    {
        var run = new SimulatedRun(nodes: 3);
        run.Cluster.OnPlan = (_, _, plan) =>
        {
            if (SimulatedCluster.Entry(plan, "a") is not null)
                run.Scheme().HasFinalizer.Should().BeTrue();
        };
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        run.Scheme().HasFinalizer.Should().BeTrue();
    }

    [Fact]
    public void A_deleted_scheme_goes_when_every_node_has_taken_up_a_plan_without_it()
    {
        var run = Done(nodes: 10);
        run.Cluster.Silent.Add(SimulatedRun.Name(4));
        run.Cluster.DeleteScheme("a");
        run.Pass(TimeSpan.FromMinutes(4));
        run.Condition(ConditionTypes.Ready).Should().Be(("False", Reasons.Deleting));
        run.Status().Condition(ConditionTypes.Progressing)!.Message.Should().StartWith("1 nodes");
        run.Cluster.Silent.Clear();
        run.Settle();
        run.Cluster.Names(SimulatedCluster.Schemes).Should().BeEmpty();
        run.Operator.Events[^1].Should().Match<SchemeEvent>(one => one.Reason == Reasons.Undone && one.Type == EventType.Normal);
        run.Acting().Should().BeEmpty();
    }

    [Theory]
    [InlineData("silent", false)]
    [InlineData("node not ready", false)]
    [InlineData("agent not ready", false)]
    [InlineData("agent gone", true)]
    [InlineData("node gone", true)]
    public void Who_does_not_answer_is_waited_for_five_minutes_and_who_is_gone_not_at_all(string what, bool atOnce)
    {
        var run = Done(nodes: 10);
        var node = SimulatedRun.Name(4);
        switch (what)
        {
            case "silent": run.Cluster.Silent.Add(node); break;
            case "node not ready": run.Cluster.PutNode(node, isReady: false); run.Cluster.Silent.Add(node); break;
            case "agent not ready": run.Cluster.PutNode(node, isAgentReady: false); break;
            case "agent gone": run.Cluster.PutNode(node, hasAgent: false); break;
            default: run.Cluster.RemoveNode(node); break;
        }

        run.Cluster.DeleteScheme("a");
        run.Settle();
        run.Cluster.Names(SimulatedCluster.Schemes).Should().HaveCount(atOnce ? 0 : 1);
        run.Pass(TimeSpan.FromMinutes(4.8));
        run.Cluster.Names(SimulatedCluster.Schemes).Should().HaveCount(atOnce ? 0 : 1);
        run.Operator.Restart();
        run.Pass(TimeSpan.FromMinutes(0.4));
        run.Cluster.Names(SimulatedCluster.Schemes).Should().BeEmpty("a restart does not begin the time anew");
        run.Operator.Events[^1].Reason.Should().Be(atOnce ? Reasons.Undone : Reasons.UndoUnconfirmed);
        if (!atOnce)
            run.Operator.Events[^1].Note.Should().Contain(node);
    }

    [Fact]
    public void A_plan_with_the_scheme_that_was_never_taken_up_is_waited_for_too()
    {
        var run = new SimulatedRun(nodes: 2);
        run.Cluster.Silent.Add(SimulatedRun.Name(0));
        run.Cluster.PutScheme("a", SimulatedRun.Spec("\"mode\":\"Observe\""));
        run.Settle();
        run.Cluster.DeleteScheme("a");
        run.Settle();
        run.Cluster.Names(SimulatedCluster.Schemes).Should().HaveCount(1, "the agent may have begun and not said so yet");
    }

    [Fact]
    public void A_scheme_made_anew_under_the_name_is_another_one()
    {
        var run = Done(nodes: 10);
        run.Cluster.DeleteScheme("a");
        run.Settle();
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        run.Acting().Should().HaveCount(1, "it begins with a canary");
    }

    [Fact]
    public void Deleting_without_nodes_takes_no_time()
    {
        var run = new SimulatedRun();
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Settle();
        run.Cluster.DeleteScheme("a");
        run.Settle();
        run.Cluster.Names(SimulatedCluster.Schemes).Should().BeEmpty();
    }

    [Fact]
    public void Finalizers_of_others_stay()
    {
        var run = Done(nodes: 2);
        run.Cluster.Object(SimulatedCluster.Schemes, "a")["metadata"]!["finalizers"]!.AsArray().Add("other/one");
        run.Cluster.Annotate("a", "x", "y");
        run.Cluster.DeleteScheme("a");
        run.Settle();
        run.Scheme().Finalizers.Should().Equal("other/one");
        run.Pass(TimeSpan.FromHours(1));
        run.Scheme().Finalizers.Should().Equal("other/one");
    }

    private static SimulatedRun Done(int nodes)
    {
        var run = new SimulatedRun(nodes);
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromHours(1));
        return run;
    }
}
