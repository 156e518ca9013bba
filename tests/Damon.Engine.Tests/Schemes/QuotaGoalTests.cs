using System.Numerics;
using CsCheck;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class QuotaGoalTests
{
    [Theory]
    [InlineData(0, 10_000, 0)]
    [InlineData(15_000, 10_000, 15_000)]
    [InlineData(1, 3, 3333)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, 10_000)]
    [InlineData(ulong.MaxValue, 1, ulong.MaxValue)]
    [InlineData(1UL << 63, 1UL << 62, 20_000)]
    public void A_score_is_in_ten_thousandths_of_the_target(ulong current, ulong target, ulong score) =>
        new QuotaGoal(GoalMetric.UserInput, target).Score(current).Should().Be(score);

    [Fact]
    public void A_score_is_exact_or_at_its_end_whatever_the_numbers() => Gen.Select(Gen.ULong, Gen.ULong).Sample((current, target) =>
        target == 0 || new QuotaGoal(GoalMetric.UserInput, target).Score(current) == BigInteger.Min(ulong.MaxValue, (BigInteger)current * 10_000 / target));

    [Theory]
    [InlineData(GoalMetric.UserInput, 0, null, null, "g.target")]
    [InlineData(GoalMetric.NodeMemoryFree, 1, null, null, "g.node")]
    [InlineData(GoalMetric.NodeMemoryUsed, 1, -1, null, "g.node")]
    [InlineData(GoalMetric.NodeMemoryUsed, 1, 1024, null, "g.node")]
    [InlineData(GoalMetric.NodeCgroupUsed, 1, 0, null, "g.cgroup")]
    [InlineData(GoalMetric.NodeCgroupFree, 1, 0, "", "g.cgroup")]
    [InlineData(GoalMetric.NodeCgroupFree, 1, 0, "app", "g.cgroup")]
    [InlineData(GoalMetric.NodeCgroupFree, 1, 0, "/a/../b", "g.cgroup")]
    [InlineData(GoalMetric.NodeEligibleMemory, 1, 0, null, "g.metric")]
    [InlineData((GoalMetric)99, 1, null, null, "g.metric")]
    [InlineData(GoalMetric.SomeMemoryPressure, ulong.MaxValue, null, null, null)]
    [InlineData(GoalMetric.NodeCgroupUsed, 1UL << 63, 1023, "/kubepods/pod1", null)]
    public void A_goal_that_cannot_be_followed_is_refused_with_its_field(GoalMetric metric, ulong target, int? node, string? cgroup, string? field)
    {
        var errors = new List<PlanError>();

        new QuotaGoal(metric, target) { Node = node, Cgroup = cgroup }.Check("g", errors);

        errors.Select(error => error.Field).Should().Equal(field is null ? [] : [field]);
    }
}
