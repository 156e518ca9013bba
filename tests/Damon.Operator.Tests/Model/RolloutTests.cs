using Damon.Api.Nodes;
using Damon.Operator.Rollouts;
using Damon.Operator.Statuses;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Model;

public class RolloutTests
{
    private static readonly TimeSpan Soak = TimeSpan.FromMinutes(10);

    [Fact]
    public void A_scheme_that_enforces_is_observed_everywhere_before_anybody_acts()
    {
        var run = new SimulatedRun(nodes: 20);
        run.Cluster.Targets = (_, _) => 0;
        run.Cluster.PutScheme("a", SimulatedRun.Enforce);
        run.Pass(TimeSpan.FromMinutes(5));
        run.Acting().Should().BeEmpty();
        run.Status().Nodes.Should().Be(new NodeCounts { Pending = 20 });
        run.Condition(ConditionTypes.Ready).Should().Be(("False", Reasons.WaitingForCanary));
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
}
