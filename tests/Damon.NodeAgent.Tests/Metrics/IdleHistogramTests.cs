using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Metrics;

namespace Damon.NodeAgent.Tests.Metrics;

public class IdleHistogramTests
{
    /// <summary>
    /// Where a region of one age belongs. Buckets: 0s, 30s, 2m, 10m, 30m, 2h; each ends where the next begins.
    /// </summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(29.9, 0)]
    [InlineData(30, 1)]
    [InlineData(119.9, 1)]
    [InlineData(120, 2)]
    [InlineData(599.9, 2)]
    [InlineData(600, 3)]
    [InlineData(1800, 4)]
    [InlineData(7199.9, 4)]
    [InlineData(7200, 5)]
    [InlineData(2_592_000, 5)]
    public void Idle_memory_is_in_the_bucket_of_its_age(double ageSeconds, int bucket)
    {
        var histogram = IdleHistogram.Of(Session(Region(0, 4096, AccessRate.Never, ageSeconds)));
        histogram.AccessedBytes.Should().Be(0);
        histogram.IdleBytes.Select((bytes, i) => (bytes, i)).Should().OnlyContain(at => at.bytes == (at.i == bucket ? 4096UL : 0));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 86_400)]
    [InlineData(1_000_000, 86_400)]
    public void Memory_with_any_access_is_not_idle_however_old_its_rate_is(int millionths, double ageSeconds)
    {
        var histogram = IdleHistogram.Of(Session(Region(0, 4096, AccessRate.Of((ulong)millionths, 1_000_000), ageSeconds)));
        histogram.Should().Be(new IdleHistogram(4096, IdleHistogram.Empty.IdleBytes));
        histogram.WorkingSetBytes.Should().Be(4096);
    }

    [Theory]
    [InlineData(119.9, 4096)]
    [InlineData(120, 0)]
    public void The_working_set_ends_two_minutes_after_the_last_access(double ageSeconds, ulong workingSetBytes) =>
        IdleHistogram.Of(Session(Region(0, 4096, AccessRate.Never, ageSeconds))).WorkingSetBytes.Should().Be(workingSetBytes);

    [Fact]
    public void The_working_set_is_a_sum_of_whole_buckets() => IdleHistogram.Buckets.Should().Contain(IdleHistogram.WorkingSetWindow).And.BeInAscendingOrder().And.StartWith(TimeSpan.Zero);

    [Fact]
    public void Every_byte_is_counted_exactly_once() => GenTargets.Sample(targets =>
    {
        var histogram = IdleHistogram.Of(targets);
        var total = targets.Aggregate(0UL, (sum, target) => sum + target.TotalBytes);
        histogram.MonitoredBytes.Should().Be(total);
        (histogram.WorkingSetBytes + histogram.IdleForBytes(IdleHistogram.WorkingSetWindow)).Should().Be(total);
        histogram.IdleForBytes(TimeSpan.Zero).Should().Be(total - histogram.AccessedBytes);
        IdleHistogram.Buckets.Select(histogram.IdleForBytes).Should().BeInDescendingOrder();
    });

    [Fact]
    public void The_histogram_of_all_is_the_sum_of_each() => GenTargets.Sample(targets =>
        targets.Select(target => IdleHistogram.Of([target])).Aggregate(IdleHistogram.Empty, (sum, one) => sum + one).Should().Be(IdleHistogram.Of(targets)));

    private static readonly Gen<TargetSnapshot[]> GenTargets =
        Gen.Select(Gen.ULong[1, 1UL << 40], Gen.Int[0, 2], Gen.Double[0, 20_000]).Array[0, 20].Array[0, 8].Select(targets => targets.Select((sizes, id) =>
        {
            var at = 0UL;
            var regions = new List<RegionSnapshot>();
            foreach (var (size, accesses, age) in sizes)
            {
                regions.Add(Region(at, at + size, AccessRate.Of((ulong)accesses, 20), age));
                at += size;
            }

            return new TargetSnapshot(id, regions);
        }).ToArray());

    private static RegionSnapshot Region(ulong start, ulong end, AccessRate rate, double ageSeconds) => new(new AddressRange(start, end), rate, TimeSpan.FromSeconds(ageSeconds));

    private static SessionSnapshot Session(params RegionSnapshot[] regions) => new(TimeSpan.Zero, MonitoringIntervals.Default, [new TargetSnapshot(1, regions)]);
}
