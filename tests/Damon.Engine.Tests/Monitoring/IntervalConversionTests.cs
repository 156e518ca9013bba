using CsCheck;
using Damon.Engine.Monitoring;

namespace Damon.Engine.Tests.Monitoring;

public class IntervalConversionTests
{
    // Microseconds: sample and aggregation before, then after.
    [Theory]
    [InlineData(10, 1000, 100, 10_000, 15u, 20u, 15u, 2u)]
    [InlineData(10, 1000, 1, 1000, 15u, 20u, 150u, 20u)]
    [InlineData(10, 1000, 1, 100, 15u, 20u, 15u, 200u)]
    [InlineData(5000, 100_000, 5000, 200_000, 10u, 5u, 20u, 2u)]
    [InlineData(5000, 100_000, 10_000, 70_000, 3u, 7u, 1u, 10u)]
    [InlineData(5000, 100_000, 100_000, 100_000, 19u, 3u, 0u, 3u)]
    [InlineData(5000, 100_000, 100_000, 100_000, 20u, 3u, 1u, 3u)]
    [InlineData(1, 3, 1, 6, 1u, 1u, 2u, 0u)] // Through ten-thousandths it would be 1.
    [InlineData(1, 1, 1_000_000, 1_000_000, 1u, uint.MaxValue, 1u, 4294u)]
    [InlineData(1_000_000, 1_000_000, 1, 1, 1u, uint.MaxValue, 1u, uint.MaxValue)]
    public void Counts_keep_their_share_and_ages_their_time(int sample, int aggregation, int newSample, int newAggregation, uint count, uint age, uint newCount, uint newAge)
    {
        var from = Intervals(sample, aggregation);
        var to = Intervals(newSample, newAggregation);

        (IntervalConversion.Count(count, from, to), IntervalConversion.Age(age, from, to)).Should().Be((newCount, newAge));
    }

    [Fact]
    public void A_converted_count_is_never_above_the_highest_there_is() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Int[1, 1000], Gen.Int[1, 1000], Gen.Int[1, 1000], Gen.UInt).Sample((sample, samples, newSample, newSamples, any) =>
        {
            var (from, to) = (Intervals(sample, sample * samples), Intervals(newSample, newSample * newSamples));
            var count = any % (from.SamplesPerAggregation + 1);
            var converted = IntervalConversion.Count(count, from, to);
            return converted <= to.SamplesPerAggregation && (count == from.SamplesPerAggregation) == (converted == to.SamplesPerAggregation);
        });

    private static MonitoringIntervals Intervals(int sample, int aggregation) =>
        new(TimeSpan.FromMicroseconds(sample), TimeSpan.FromMicroseconds(aggregation), TimeSpan.FromSeconds(60));
}
