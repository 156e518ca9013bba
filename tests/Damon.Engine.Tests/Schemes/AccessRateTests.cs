using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class AccessRateTests
{
    [Fact]
    public void A13_rate_conversion_does_not_overflow()
    {
        // 10 µs looks, 10 × 2³² µs aggregations: 2³² looks, more than 32 bits can count.
        var intervals = new MonitoringIntervals(TimeSpan.FromMicroseconds(10), TimeSpan.FromMicroseconds(10L << 32), TimeSpan.MaxValue);

        AccessRate.Of(123, 1UL << 32).Should().Be(AccessRate.Never);
        AccessRate.Of(123, intervals.SamplesPerAggregation).Should().Be(AccessRate.Never);
        new MonitoringPlan(intervals, new(10, 1000), []).Check().Should().Contain(error => error.Field == "intervals.aggregation");
    }

    [Theory]
    [InlineData(0UL, 0UL, 0)]
    [InlineData(0UL, 20UL, 0)]
    [InlineData(1UL, 20UL, 50_000)]
    [InlineData(1UL, 3UL, 333_333)]
    [InlineData(20UL, 20UL, 1_000_000)]
    [InlineData(21UL, 20UL, 1_000_000)]
    [InlineData(1UL, 0UL, 1_000_000)]
    [InlineData(ulong.MaxValue - 1, ulong.MaxValue, 999_999)]
    public void A_count_becomes_a_rate_rounded_down(ulong accesses, ulong samples, int millionths) =>
        AccessRate.Of(accesses, samples).Millionths.Should().Be(millionths);

    [Fact]
    public void A_count_survives_the_way_to_a_rate_and_back() =>
        Gen.Select(Gen.UInt[1, MonitoringIntervals.MaxSamplesPerAggregation], Gen.UInt).Sample((samples, any) =>
        {
            var accesses = any % (samples + 1);
            AccessRate.Of(accesses, samples).CeilingOf(samples).Should().Be(accesses);
        });
}
