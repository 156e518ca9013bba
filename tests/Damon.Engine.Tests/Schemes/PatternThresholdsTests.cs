using CsCheck;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.Schemes;

public class PatternThresholdsTests
{
    private static readonly TimeSpan Aggregation = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData("0", "100", 20u, 0u, 20u, true)]
    [InlineData("50", "100", 20u, 10u, 20u, true)]
    [InlineData("51", "100", 20u, 11u, 20u, true)] // 10.2 samples: a minimum rounds up
    [InlineData("0.1", "100", 20u, 1u, 20u, true)] // a minimum above zero never becomes zero
    [InlineData("0", "9", 20u, 0u, 1u, true)] // 1.8 samples: a maximum rounds down
    [InlineData("0", "0", 20u, 0u, 0u, true)]
    [InlineData("0", "4", 20u, 0u, 0u, false)] // below one sample, and not "never"
    [InlineData("51", "54", 20u, 11u, 10u, false)] // between two counts
    [InlineData("7", "7", 100u, 7u, 7u, true)] // exact where binary fractions are not
    public void Rates_become_counts(string min, string max, uint samples, uint minCount, uint maxCount, bool representable)
    {
        var pattern = new AccessPattern { MinRate = AccessRate.FromPercent(decimal.Parse(min)), MaxRate = AccessRate.FromPercent(decimal.Parse(max)) };

        var thresholds = PatternThresholds.For(pattern, samples, Aggregation);

        (thresholds.MinAccesses, thresholds.MaxAccesses, thresholds.IsRepresentable).Should().Be((minCount, maxCount, representable));
    }

    [Theory]
    [InlineData(0, 0u)]
    [InlineData(1, 1u)]
    [InlineData(100, 1u)]
    [InlineData(101, 2u)]
    [InlineData(120_000, 1200u)]
    public void A_minimum_age_rounds_up_to_aggregations(int milliseconds, uint aggregations) =>
        PatternThresholds.For(new AccessPattern { MinAge = TimeSpan.FromMilliseconds(milliseconds) }, 20, Aggregation).MinAge.Should().Be(aggregations);

    [Fact]
    public void Under_every_tuned_interval_minima_round_up_and_maxima_down() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 1_000_000], Gen.Long[0, 36_000_000_000], Gen.Long[0, 36_000_000_000], Gen.Int[5_000, 10_000_000], Gen.UInt[1, 1000])
            .Sample((minRate, maxRate, minAge, maxAge, sampleMicroseconds, samples) =>
            {
                var pattern = new AccessPattern
                {
                    MinRate = AccessRate.FromPercent(minRate / 10_000m),
                    MaxRate = AccessRate.FromPercent(maxRate / 10_000m),
                    MinAge = TimeSpan.FromMicroseconds(minAge),
                    MaxAge = TimeSpan.FromMicroseconds(maxAge),
                };
                var aggregation = (decimal)sampleMicroseconds * samples;

                var thresholds = PatternThresholds.For(pattern, samples, TimeSpan.FromMicroseconds(sampleMicroseconds * (long)samples));

                // The least count at or above, and the highest at or below, the exact figure; a minimum above zero is at least one.
                thresholds.MinAccesses.Should().Be((uint)Math.Ceiling(minRate * (decimal)samples / 1_000_000));
                thresholds.MaxAccesses.Should().Be((uint)Math.Floor(maxRate * (decimal)samples / 1_000_000));
                thresholds.MinAge.Should().Be((uint)Math.Ceiling(minAge / aggregation));
                thresholds.MaxAge.Should().Be((uint)Math.Floor(maxAge / aggregation));
                (minRate > 0).Should().Be(thresholds.MinAccesses > 0);
                (minAge > 0).Should().Be(thresholds.MinAge > 0);

                // What cannot be met by any count says so, and is not silently never matched.
                thresholds.IsRepresentable.Should().Be(
                    thresholds.MinAccesses <= thresholds.MaxAccesses && thresholds.MinAge <= thresholds.MaxAge && (maxRate == 0 || thresholds.MaxAccesses > 0));
            });

    [Theory]
    [InlineData(long.MaxValue, 1L, uint.MaxValue)]
    [InlineData(long.MaxValue, 1_000_000L, uint.MaxValue)]
    [InlineData(long.MaxValue - 1, long.MaxValue, 1u)]
    public void The_longest_ages_do_not_overflow(long minAgeTicks, long aggregationTicks, uint aggregations) =>
        PatternThresholds.For(new AccessPattern { MinAge = TimeSpan.FromTicks(minAgeTicks) }, 20, TimeSpan.FromTicks(aggregationTicks)).MinAge.Should().Be(aggregations);

    [Fact]
    public void A_pattern_without_bounds_matches_everything()
    {
        var thresholds = PatternThresholds.For(new AccessPattern(), 20, Aggregation);

        thresholds.Match(0, 0, 0).Should().BeTrue();
        thresholds.Match(ulong.MaxValue, 20, uint.MaxValue).Should().BeTrue();
    }

    [Fact]
    public void Bounds_belong_to_the_range()
    {
        var pattern = new AccessPattern
        {
            MinSizeBytes = 4096,
            MaxSizeBytes = 8192,
            MinRate = AccessRate.FromPercent(10),
            MaxRate = AccessRate.FromPercent(50),
            MinAge = TimeSpan.FromSeconds(1),
            MaxAge = TimeSpan.FromSeconds(2),
        };
        var thresholds = PatternThresholds.For(pattern, 20, Aggregation);

        (ulong, uint, uint, bool)[] table =
        [
            (4096, 2, 10, true), (8192, 10, 20, true),
            (4095, 2, 10, false), (8193, 2, 10, false), (4096, 1, 10, false), (4096, 11, 10, false), (4096, 2, 9, false), (4096, 2, 21, false),
        ];
        foreach (var (size, accesses, age, expected) in table)
        {
            thresholds.Match(size, accesses, age).Should().Be(expected, "size {0}, accesses {1}, age {2}", size, accesses, age);
        }
    }
}
