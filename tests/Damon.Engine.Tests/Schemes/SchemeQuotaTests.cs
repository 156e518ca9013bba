using CsCheck;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class SchemeQuotaTests
{
    public static TheoryData<SchemeQuota, string> Refused => new()
    {
        { new SchemeQuota { Time = TimeSpan.FromTicks(-1) }, "q.time" },
        { new SchemeQuota { Interval = TimeSpan.Zero }, "q.interval" },
        { new SchemeQuota { AccessRateWeight = -1 }, "q.weights.accessRate" },
        { new SchemeQuota { AgeWeight = int.MaxValue }, "q.weights.age" },
        { new SchemeQuota { Tuner = (QuotaTuner)7 }, "q.tuner" },
        { new SchemeQuota { FailedChargeNumerator = 2, FailedChargeDenominator = 1 }, "q.failedCharge" },
        { new SchemeQuota { Goals = [.. Enumerable.Repeat(new QuotaGoal(GoalMetric.UserInput, 1), 5000)] }, "q.goals" },
        { new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.UserInput, 1), new QuotaGoal(GoalMetric.UserInput, 0)] }, "q.goals[1].target" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_quota_that_cannot_be_kept_is_refused_with_its_field(SchemeQuota quota, string field)
    {
        var errors = new List<PlanError>();

        quota.Check("q", errors);

        errors.Should().ContainSingle().Which.Field.Should().Be(field);
    }

    [Fact]
    public void Whatever_sizes_are_given_a_quota_is_accepted() => Gen.ULong.Array[5].Sample(n =>
    {
        var errors = new List<PlanError>();
        new SchemeQuota { SizeBytes = n[0], PerGroupBytes = n[1], GoalStartBytes = n[2], FailedChargeNumerator = Math.Min(n[3], n[4]), FailedChargeDenominator = Math.Max(n[3], n[4]) }.Check("q", errors);
        return errors.Count == 0;
    });

    [Fact]
    public void Two_quotas_of_the_same_goals_are_the_same()
    {
        static SchemeQuota Quota(ulong target) => new() { Goals = [new QuotaGoal(GoalMetric.UserInput, target)] };

        Quota(5).Should().Be(Quota(5));
        Quota(5).GetHashCode().Should().Be(Quota(5).GetHashCode());
        Quota(5).Should().NotBe(Quota(6));
        new SchemeQuota().Should().NotBe(Quota(5));
    }
}
