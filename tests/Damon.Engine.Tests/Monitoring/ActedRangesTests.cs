using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Monitoring;

public class ActedRangesTests
{
    private const int Size = 48;
    private const uint OldAge = 1000;

    [Fact]
    public void An_age_is_the_mean_over_the_bytes_of_the_time_since_they_were_acted_on() =>
        Gen.Select(Gen.Int[0, Size].Array[0, 6], Gen.Int[0, Size], Gen.Int[0, Size], Gen.UInt[0, 30]).Array[1, 20].Sample(
            passes =>
            {
                var model = new ulong?[Size];
                var acted = new ActedRanges();
                ulong aggregation = 0;
                foreach (var (borders, a, b, recorded) in passes)
                {
                    aggregation++;
                    var sorted = borders.Distinct().Order().ToArray();
                    for (var i = 0; i + 1 < sorted.Length; i += 2)
                    {
                        acted.Add(new AddressRange((ulong)sorted[i], (ulong)sorted[i + 1]));
                        Array.Fill(model, aggregation, sorted[i], sorted[i + 1] - sorted[i]);
                    }

                    acted.Commit(aggregation, OldAge);
                    var (start, end) = (Math.Min(a, b), Math.Max(a, b));
                    if (start < end)
                    {
                        var mean = model[start..end].Sum(at => at is { } then ? (long)Math.Min(recorded, aggregation - then) : recorded) / (end - start);
                        acted.AgeOf(new AddressRange((ulong)start, (ulong)end), recorded, aggregation).Should().Be((uint)mean);
                    }
                }
            },
            iter: 2000);

    [Fact]
    public void A_mark_older_than_every_region_is_forgotten()
    {
        var acted = new ActedRanges();
        var range = new AddressRange(0, 10);
        acted.Add(range);
        acted.Commit(1, oldestAge: 5);
        acted.AgeOf(range, 100, 3).Should().Be(2);

        acted.Commit(6, oldestAge: 5);

        acted.AgeOf(range, 100, 6).Should().Be(100);
    }

    [Theory]
    [InlineData(100, 1000, 10, 1)]
    [InlineData(1000, 100, 10, 100)]
    [InlineData(100, 100, 10, 10)]
    public void A_mark_stays_as_long_ago_when_intervals_change(int fromMilliseconds, int toMilliseconds, uint before, uint after)
    {
        var acted = new ActedRanges();
        var range = new AddressRange(0, 10);
        acted.Add(range);
        acted.Commit(5, oldestAge: OldAge);
        acted.AgeOf(range, OldAge, 5 + before).Should().Be(before);

        acted.Convert(5 + before, Of(fromMilliseconds), Of(toMilliseconds));

        acted.AgeOf(range, OldAge, 5 + before).Should().Be(after);

        static MonitoringIntervals Of(int milliseconds) => MonitoringIntervals.Default with { Aggregation = TimeSpan.FromMilliseconds(milliseconds) };
    }
}
