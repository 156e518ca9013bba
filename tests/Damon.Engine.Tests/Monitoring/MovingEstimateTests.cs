using Damon.Engine.Monitoring;

namespace Damon.Engine.Tests.Monitoring;

public class MovingEstimateTests
{
    [Fact]
    public void A15_pseudo_moving_sum()
    {
        ulong[] added = [10000, 0, 10000, 0, 0, 0, 10000, 0, 0, 0];
        var sum = 50000UL;

        added.Select(one => sum = MovingEstimate.PseudoSum(sum, 50000, 10, one)).Should()
            .Equal(55000, 50000, 55000, 50000, 45000, 40000, 45000, 40000, 35000, 30000);
    }

    [Fact]
    public void A15_the_error_is_zero_at_the_end_of_a_window_of_equal_rate() =>
        Enumerable.Range(0, 20).Aggregate(20_000UL, (sum, i) => MovingEstimate.PseudoSum(sum, 20_000, 20, i % 10 == 0 ? 10_000UL : 0)).Should().Be(20_000);

    [Theory]
    [InlineData(0u, 49u, 10000u, 49u)]
    [InlineData(3u, 10u, 7000u, 10u)]
    [InlineData(3u, 10u, 5000u, 8u)]
    [InlineData(32u, 100u, 1000u, 42u)]
    [InlineData(42u, 49u, 0u, 42u)]
    public void A16_on_demand_moving_estimate(uint current, uint last, uint leftTenThousandths, uint expected) =>
        MovingEstimate.Of(current, last, leftTenThousandths, 10_000).Should().Be(expected);

    [Fact]
    public void The_estimate_does_not_overflow_at_the_highest_counts() =>
        MovingEstimate.Of(0, uint.MaxValue, uint.MaxValue - 1, uint.MaxValue).Should().Be((uint)((ulong)uint.MaxValue * 9_999 / 10_000));
}
