using CsCheck;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class QuotaTuningTests
{
    private const ulong MiB = 1UL << 20;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(0, new ulong[] { 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024 })]
    [InlineData(5000, new ulong[] { 1, 2, 3, 5, 7, 11, 17, 25, 38, 57, 86, 129 })]
    public void B2_sizes_under_a_constant_score_with_the_kernels_start(ulong score, ulong[] sizes)
    {
        var window = new QuotaWindow(Steered(score) with { GoalStartBytes = 0 }, 1);

        Sizes(window, sizes.Length).Should().Equal(sizes);
    }

    [Fact]
    public void B2_the_kernels_start_needs_20_windows_to_a_megabyte_and_30_to_a_gigabyte()
    {
        var sizes = Sizes(new QuotaWindow(Steered(0) with { GoalStartBytes = 0 }, 1), 30);

        (sizes[19], sizes[29]).Should().Be((1UL << 20, 1UL << 30));
    }

    [Fact]
    public void A_sane_start_reaches_a_useful_size_in_far_fewer_windows_than_the_kernels()
    {
        const ulong Useful = 64 * MiB;
        var kernel = Sizes(new QuotaWindow(Steered(0) with { GoalStartBytes = 0 }, 4096), 40).FindIndex(size => size >= Useful) + 1;
        var ours = Sizes(new QuotaWindow(Steered(0), 4096), 40).FindIndex(size => size >= Useful) + 1;

        (ours, kernel).Should().Be((6, 26));
    }

    [Fact]
    public void The_start_is_never_above_the_limit_by_size() =>
        Sizes(new QuotaWindow(Steered(FeedLoop.Goal) with { SizeBytes = 64 << 10 }, 4096), 2).Should().Equal(64 << 10, 64 << 10);

    [Fact]
    public void A_size_that_was_taken_down_to_nothing_comes_back_to_a_region_at_once()
    {
        var window = new QuotaWindow(Steered(20_000), 4096);
        Sizes(window, 1).Should().Equal(1);
        window.IsFull.Should().BeTrue("one byte is less than a region");
        window.Goals[0].Current = 0;

        Sizes(window, 2, from: 1).Should().Equal(8192, 16_384);
    }

    [Fact]
    public void Above_the_limit_by_size_nothing_winds_up()
    {
        var window = new QuotaWindow(Steered(0) with { SizeBytes = 4 * MiB }, 4096);
        Sizes(window, 50)[^1].Should().Be(4 * MiB);
        window.Goals[0].Current = 15_000;

        Sizes(window, 2, from: 50).Should().Equal(2 * MiB, MiB);
    }

    [Theory]
    [InlineData(0, 9999, 8UL << 20, 8UL << 20)]
    [InlineData(0, 10_000, 8UL << 20, 0)]
    [InlineData(0, 9999, 0, ulong.MaxValue)]
    [InlineData(10, 0, 8UL << 20, 8UL << 20)]
    [InlineData(1, 0, 0, 4UL << 20)]
    [InlineData(10, 20_000, 0, 0)]
    public void Temporal_gives_all_until_the_goal_is_met_and_then_nothing(int milliseconds, ulong score, ulong size, ulong effective)
    {
        var quota = Steered(score) with { Tuner = QuotaTuner.Temporal, SizeBytes = size, Time = TimeSpan.FromMilliseconds(milliseconds) };

        Sizes(new QuotaWindow(quota, 4096), 1).Should().Equal(effective);
    }

    [Fact]
    public void Of_several_goals_the_one_that_is_met_best_counts()
    {
        var quota = new SchemeQuota { Goals = [Goal(0), Goal(15_000), Goal(5000)] };
        var window = new QuotaWindow(quota, 4096);

        Sizes(window, 1).Should().Equal(MiB / 2);
        window.Score.Should().Be(15_000);
    }

    [Fact]
    public void A_value_that_is_not_known_counts_as_just_met()
    {
        foreach (var (tuner, effective) in new[] { (QuotaTuner.Consistent, MiB), (QuotaTuner.Temporal, 0UL) })
        {
            var window = new QuotaWindow(new SchemeQuota { Tuner = tuner, Goals = [new QuotaGoal(GoalMetric.SomeMemoryPressure, 500)] }, 4096);

            Sizes(window, 3).Should().Equal([effective, effective, effective], tuner.ToString());
        }
    }

    [Fact]
    public void A17_goals_are_changed_by_their_place_and_only_a_users_value_is_taken_over()
    {
        var window = new QuotaWindow(new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.SomeMemoryPressure, 1000)] }, 1);
        var state = window.Goals[0];
        state.Current = 123;
        state.PressureBefore = TimeSpan.FromMicroseconds(456);
        QuotaGoal[] commits =
        [
            new(GoalMetric.UserInput, 789) { Current = 12 },
            new(GoalMetric.NodeMemoryFree, 345) { Node = 9, Current = 1 },
            new(GoalMetric.NodeMemoryUsed, 12) { Node = 6, Current = 2 },
            new(GoalMetric.NodeCgroupUsed, 456) { Node = 6, Cgroup = "/7", Current = 3 },
            new(GoalMetric.NodeCgroupFree, 890) { Node = 10, Cgroup = "/1", Current = 4 },
            new(GoalMetric.SomeMemoryPressure, 234) { Current = 5 },
        ];
        foreach (var commit in commits)
        {
            window.Update(window.Quota with { Goals = [commit] });

            window.Goals.Should().ContainSingle().Which.Should().BeSameAs(state);
            state.Goal.Should().Be(commit);
            state.Current.Should().Be(commit.Metric == GoalMetric.UserInput ? 12 : null);
            state.PressureBefore.Should().Be(TimeSpan.FromMicroseconds(456));
        }
    }

    [Fact]
    public void A17_the_list_of_goals_becomes_the_new_list()
    {
        var window = new QuotaWindow(new SchemeQuota(), 1);
        foreach (var targets in new ulong[][] { [123], [345], [], [1, 2, 3], [4] })
        {
            window.Update(new SchemeQuota { Goals = [.. targets.Select(target => new QuotaGoal(GoalMetric.UserInput, target))] });

            window.Goals.Select(goal => goal.Goal.Target).Should().Equal(targets);
        }
    }

    [Fact]
    public void A17_a_value_that_was_fed_outlives_a_change_that_does_not_give_one()
    {
        var window = new QuotaWindow(new SchemeQuota { Goals = [Goal(12)] }, 1);
        window.Goals[0].Current = 99;

        window.Update(window.Quota with { Goals = [new QuotaGoal(GoalMetric.UserInput, 5) { Current = 12 }] });
        window.Goals[0].Current.Should().Be(99, "12 was there before");

        window.Update(window.Quota with { Goals = [new QuotaGoal(GoalMetric.UserInput, 5) { Current = 13 }] });
        window.Goals[0].Current.Should().Be(13);
    }

    [Fact]
    public void A18_every_field_of_a_quota_is_taken_over()
    {
        var window = new QuotaWindow(
            new SchemeQuota
            {
                Interval = TimeSpan.FromMilliseconds(1),
                Time = TimeSpan.FromMilliseconds(2),
                SizeBytes = 3,
                FailedChargeNumerator = 2,
                FailedChargeDenominator = 3,
                AccessRateWeight = 5,
                AgeWeight = 6,
            },
            1);
        var to = new SchemeQuota
        {
            Interval = TimeSpan.FromMilliseconds(7),
            Time = TimeSpan.FromMilliseconds(8),
            SizeBytes = 9,
            Tuner = QuotaTuner.Temporal,
            FailedChargeNumerator = 1,
            FailedChargeDenominator = 1024,
            AccessRateWeight = 11,
            AgeWeight = 12,
            PerGroupBytes = 13,
            GoalStartBytes = 14,
        };

        window.Update(to);
        window.Advance(TimeSpan.Zero);

        window.Quota.Should().Be(to);
        window.EffectiveBytes.Should().Be(9);
        window.IsOver(TimeSpan.FromMilliseconds(6)).Should().BeFalse();
        window.IsOver(TimeSpan.FromMilliseconds(7)).Should().BeTrue();
        window.GroupOf(BudgetGroup.Of("g", 1))!.LeftBytes.Should().Be(13);
    }

    [Fact]
    public void A_change_keeps_the_tuners_state_and_the_charge_and_holds_at_once()
    {
        var window = new QuotaWindow(Steered(0), 4096);
        Sizes(window, 4)[^1].Should().Be(16 * MiB);
        window.Charge(3 * MiB);
        window.GroupOf(BudgetGroup.Of("g", 1)).Should().BeNull();

        window.Update(window.Quota with { SizeBytes = 4 * MiB, AgeWeight = 1 });
        (window.EffectiveBytes, window.LeftBytes).Should().Be((4 * MiB, MiB));

        window.Update(window.Quota with { SizeBytes = 0 });
        Sizes(window, 1, from: 4).Should().Equal(8 * MiB);
    }

    [Fact]
    public void A_change_of_the_quota_keeps_what_groups_were_charged()
    {
        var window = new QuotaWindow(new SchemeQuota { PerGroupBytes = 8192 }, 4096);
        window.Advance(TimeSpan.Zero);
        window.GroupOf(BudgetGroup.Of("pod", 1))!.Charge(4096);

        window.Update(new SchemeQuota { PerGroupBytes = 12_288 });

        window.GroupOf(BudgetGroup.Of("pod", 2))!.LeftBytes.Should().Be(8192, "the name counts, not the target");
        window.GroupOf(BudgetGroup.Of(null, 1))!.LeftBytes.Should().Be(12_288);
    }

    [Fact]
    public void Groups_that_do_nothing_are_forgotten()
    {
        var window = new QuotaWindow(new SchemeQuota { PerGroupBytes = 8192 }, 4096);
        for (var i = 0; i < 1000; i++)
        {
            window.Advance(Second * i);
            window.GroupOf(BudgetGroup.Of(null, i))!.Charge(1);
        }

        window.Groups.Count.Should().BeLessThan(4);
    }

    [Fact]
    public void Whatever_the_numbers_no_size_exceeds_a_limit() => Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong, Gen.Select(Gen.ULong, Gen.ULong), Gen.Bool, Gen.Long[0, long.MaxValue]).Sample(
        (size, start, target, values, isTemporal, ticks) =>
        {
            var quota = new SchemeQuota
            {
                SizeBytes = size,
                GoalStartBytes = start,
                Time = TimeSpan.FromTicks(ticks),
                Tuner = isTemporal ? QuotaTuner.Temporal : QuotaTuner.Consistent,
                Goals = [new QuotaGoal(GoalMetric.UserInput, target) { Current = values.Item1 }],
            };
            var window = new QuotaWindow(quota, 4096);
            for (var i = 0; i < 4; i++)
            {
                window.Advance(Second * i);
                window.BookTime(values.Item2, TimeSpan.FromTicks(ticks >> 8));
                window.Charge(values.Item1);
                window.Goals[0].Current = values.Item2;
                if (size > 0 && window.EffectiveBytes > size)
                {
                    return false;
                }
            }

            return true;
        });

    private static SchemeQuota Steered(ulong score) => new() { Goals = [Goal(score)] };

    private static QuotaGoal Goal(ulong score) => new(GoalMetric.UserInput, FeedLoop.Goal) { Current = score };

    private static List<ulong> Sizes(QuotaWindow window, int count, int from = 0)
    {
        var sizes = new List<ulong>();
        for (var i = from; i < from + count; i++)
        {
            window.Advance(Second * i);
            sizes.Add(window.EffectiveBytes);
        }

        return sizes;
    }
}
