using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Monitoring;

public class IntervalTunerTests
{
    private static readonly IntervalsGoal Goal = new();

    // By the formula: a = feed(10⁸, score) / 10⁴, and a' = 5000 + a/2 where a ≤ 10⁴.
    [Theory]
    [InlineData(0UL, 20_000UL)]
    [InlineData(1UL, 19_999UL)]
    [InlineData(5_000UL, 15_000UL)]
    [InlineData(9_999UL, 10_001UL)]
    [InlineData(10_000UL, 10_000UL)]
    [InlineData(10_001UL, 9_999UL)] // 9,999 / 2 + 5,000
    [InlineData(15_000UL, 7_500UL)]
    [InlineData(19_998UL, 5_001UL)]
    [InlineData(19_999UL, 5_000UL)]
    [InlineData(20_000UL, 5_000UL)]
    [InlineData(ulong.MaxValue, 5_000UL)]
    public void The_factor_is_that_of_the_feedback_loop(ulong score, ulong factor) => IntervalTuner.FactorFor(score).Should().Be(factor);

    [Theory]
    [InlineData(5_000, 400UL, 5_000)] // exactly 4 % of 10,000
    [InlineData(5_000, 0UL, 10_000)]
    [InlineData(5_000, 200UL, 7_500)]
    [InlineData(5_000, 399UL, 5_012)] // score 9,975: 5,012.5 µs
    [InlineData(5_000, 10_000UL, 5_000)] // as short as allowed
    [InlineData(80_000, 10_000UL, 40_000)]
    [InlineData(80_000, 600UL, 60_000)]
    [InlineData(6_000_000, 0UL, 10_000_000)] // as long as allowed
    [InlineData(10_000_000, 600UL, 7_500_000)]
    public void Of_ten_thousand_possible_accesses_so_many_were_observed(int sampleMicroseconds, ulong observed, int expectedMicroseconds) =>
        IntervalTuner.Next(TimeSpan.FromMicroseconds(sampleMicroseconds), observed, 10_000, Goal).Should().Be(TimeSpan.FromMicroseconds(expectedMicroseconds));

    [Fact]
    public void Where_nothing_was_looked_at_nothing_changes() => IntervalTuner.Next(TimeSpan.FromSeconds(1), 0, 0, Goal).Should().Be(TimeSpan.FromSeconds(1));

    [Fact]
    public void A_target_below_one_access_counts_as_one() =>
        IntervalTuner.Next(TimeSpan.FromSeconds(1), 1, 2, Goal with { AccessRate = AccessRate.FromPercent(0.0001m) }).Should().Be(TimeSpan.FromSeconds(1));

    [Fact]
    public void The_next_interval_stays_in_its_bounds_and_within_half_and_twice() =>
        Gen.Select(Gen.Long[5_000, 10_000_000], Gen.ULong, Gen.ULong, Gen.Int[1, 1_000_000]).Sample((sample, a, b, rate) =>
        {
            var (observed, possible) = ((UInt128)Math.Min(a, b) << 20, (UInt128)Math.Max(a, b) << 20);
            var goal = Goal with { AccessRate = AccessRate.FromPercent(rate / 10_000m) };

            var next = IntervalTuner.Next(TimeSpan.FromMicroseconds(sample), observed, possible, goal);

            next.Should().BeGreaterThanOrEqualTo(goal.MinSample).And.BeLessThanOrEqualTo(goal.MaxSample);
            next.TotalMicroseconds.Should().BeInRange((sample / 2) - 1, sample * 2);
        });
}
