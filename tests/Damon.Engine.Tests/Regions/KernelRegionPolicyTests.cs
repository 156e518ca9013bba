using CsCheck;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

public class KernelRegionPolicyTests
{
    [Fact]
    public void Above_half_of_the_maximum_only_some_regions_are_cut()
    {
        var table = Alternating(760, 100);
        var policy = new KernelRegionPolicy(new RegionLimits(10, 1500), new RandomSource(1));

        policy.Split([table]);

        table.Count.Should().BeGreaterThan(760).And.BeLessThanOrEqualTo(1500);
    }

    [Theory]
    [InlineData(751)]
    [InlineData(760)]
    [InlineData(1000)]
    [InlineData(1400)]
    [InlineData(1499)]
    [InlineData(1500)]
    public void A_split_never_exceeds_the_maximum(int count)
    {
        var table = Alternating(count, 100);
        var policy = new KernelRegionPolicy(new RegionLimits(10, 1500), new RandomSource(1));

        for (var i = 0; i < 20; i++)
        {
            policy.Split([table]);
            table.Count.Should().BeLessThanOrEqualTo(1500);
        }
    }

    [Fact]
    public void Every_region_gets_its_turn_when_only_some_are_cut()
    {
        // Three quarters of the maximum: every fourth region or fewer is cut at a time.
        var policy = new KernelRegionPolicy(new RegionLimits(10, 100), new RandomSource(3));
        var cut = new bool[75];
        for (var round = 0; round < 8; round++)
        {
            var table = Alternating(75, 1000);
            policy.Split([table]);
            for (var i = 0; i < 75; i++)
            {
                cut[i] |= table.Starts.ToArray().Count(s => s >= (ulong)i * 1000 && s < ((ulong)i + 1) * 1000) > 1;
            }
        }

        cut.Should().NotContain(false);
    }

    [Fact]
    public void Two_rounds_with_the_same_count_make_three_pieces()
    {
        var policy = new KernelRegionPolicy(new RegionLimits(10, 100), new RandomSource(1));
        var first = Alternating(10, 1000);
        var second = Alternating(10, 1000);

        policy.Split([first]);
        policy.Split([second]);

        first.Count.Should().BeLessThanOrEqualTo(20);
        second.Count.Should().BeGreaterThan(20).And.BeLessThanOrEqualTo(30);
    }

    [Fact]
    public void Too_many_regions_merge_with_a_rising_threshold()
    {
        // Counts 0, 2, 4 … 20: the threshold must reach 2 before anything merges.
        var table = new RegionTable(1);
        for (uint i = 0; i < 11; i++)
        {
            table.Append(new Region(i * 100, (i + 1) * 100, i * 2));
        }

        new KernelRegionPolicy(new RegionLimits(3, 6), new RandomSource(1)).Merge([table], maxSeen: 9, maxAccesses: 20);

        table.Count.Should().BeLessThanOrEqualTo(6);
        table.TotalBytes.Should().Be(1100);
    }

    [Fact]
    public void Only_the_first_pass_of_a_merge_counts_ages()
    {
        var table = Alternating(40, 10);

        new KernelRegionPolicy(new RegionLimits(3, 10), new RandomSource(1)).Merge([table], maxSeen: 0, maxAccesses: 100);

        table.Ages.ToArray().Should().OnlyContain(age => age <= 6, "the ages were 5 and one aggregation has passed");
    }

    [Fact]
    public void The_count_stays_at_or_below_the_maximum_whatever_is_seen() =>
        Gen.Select(Gen.ULong, Gen.Int[3, 20], Gen.Int[20, 200], Gen.ULong[1, 1UL << 28]).Sample((seed, min, max, pages) =>
        {
            var random = new RandomSource(seed);
            var policy = new KernelRegionPolicy(new RegionLimits(min, max), random);
            RegionTable[] tables = [new RegionTable(4096), new RegionTable(4096)];
            tables[0].Append(new Region(0, pages * 4096));
            tables[1].Append(new Region(0, ((pages / 3) + 1) * 4096));
            policy.Fit(tables);
            for (var round = 0; round < 30; round++)
            {
                uint seen = 0;
                foreach (var table in tables)
                {
                    foreach (ref var count in table.Accesses)
                    {
                        count = (uint)random.NextBelow(21);
                        seen = Math.Max(seen, count);
                    }
                }

                policy.Merge(tables, seen, 20);
                foreach (var table in tables)
                {
                    table.ResetAggregation();
                }

                policy.Split(tables);
                (tables[0].Count + tables[1].Count).Should().BeLessThanOrEqualTo(max + 2);
            }
        });

    private static RegionTable Alternating(int count, ulong size)
    {
        var table = new RegionTable(1);
        for (var i = 0; i < count; i++)
        {
            table.Append(new Region((ulong)i * size, ((ulong)i + 1) * size, i % 2 == 0 ? 100u : 0u, 0, 5));
        }

        return table;
    }
}
