using CsCheck;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

public class KernelRegionPolicyTests
{
    [Fact]
    public void A7_above_half_of_the_maximum_only_some_regions_are_cut()
    {
        var table = Alternating(760, 100);
        var policy = new KernelRegionPolicy(new RegionLimits(10, 1500), new RandomSource(1));

        policy.Split([table]);

        table.Count.Should().BeGreaterThan(760).And.BeLessThanOrEqualTo(1500);
    }

    [Theory]
    [InlineData(749, 1)]
    [InlineData(750, 1)]
    [InlineData(751, 2)]
    [InlineData(760, 2)]
    [InlineData(1000, 3)]
    [InlineData(1400, 15)]
    [InlineData(1499, 1500)]
    [InlineData(1500, 0)]
    [InlineData(2000, 0)]
    public void B10_one_region_in_so_many_is_cut(int count, int step)
    {
        KernelRegionPolicy.SplitStep(count, 1500).Should().Be(step);
        var table = Alternating(count, 100);

        new KernelRegionPolicy(new RegionLimits(10, 1500), new RandomSource(1)).Split([table]);

        (table.Count - count).Should().BeInRange(step == 0 ? 0 : count / step, step == 0 ? 0 : (count + step - 1) / step);
    }

    [Theory]
    [InlineData(1, 1, 0, 2)] // 0, 1, and then a threshold of 2 would be above what there can be
    [InlineData(20, 0, 0, 1)]
    [InlineData(20, 4, 32, 1)]
    [InlineData(20, 4, 33, 2)] // 0, 1, 2, 4, 8, 16, 32: the last one lets 32 merge, and 33 is given up
    [InlineData(20, 190, 38, 1)] // 19, 38
    [InlineData(20, 190, 39, 2)]
    [InlineData(20, 400, 40, 1)] // 40
    [InlineData(20, 400, 41, 2)]
    public void The_threshold_doubles_up_to_what_there_can_be(uint maxAccesses, uint maxSeen, uint difference, int regions)
    {
        // Beside the pair of regions, two that no threshold merges: a gap parts them, and there may be two less.
        RegionTable[] tables =
        [
            RegionTableTests.Table(1, new Region(0, 10, difference + (maxAccesses == 1 ? 1u : 0)), new Region(10, 20, 0)),
            RegionTableTests.Table(1, new Region(0, 500), new Region(600, 1100), new Region(1200, 1700)),
        ];

        new KernelRegionPolicy(new RegionLimits(3, 3), new RandomSource(1)).Merge(tables, maxSeen, maxAccesses);

        tables[0].Count.Should().Be(maxAccesses == 1 ? 1 : regions);
    }

    [Fact]
    public void Regions_of_all_targets_count_together_and_a_target_merges_only_with_itself()
    {
        RegionTable[] tables =
        [
            RegionTableTests.Table(1, new Region(0, 100, 0, 0, 3), new Region(100, 200, 1, 1, 3)),
            RegionTableTests.Table(1, new Region(200, 300, 2, 2, 3), new Region(300, 400, 4, 4, 3), new Region(400, 900, 20, 20, 3)),
        ];

        new KernelRegionPolicy(new RegionLimits(3, 4), new RandomSource(1)).Merge(tables, maxSeen: 9, maxAccesses: 20);

        // A threshold of 0 leaves five; 1 joins the first two, and then four are few enough. Of nine hundred bytes a region has 300 at the most, but four are all there may be.
        Enumerable.Range(0, tables[0].Count).Select(i => tables[0][i]).Should().Equal(new Region(0, 200, 0, 0, 4));
        tables[1].Accesses.ToArray().Should().Equal(2, 4, 20);
        tables[1].Ages.ToArray().Should().Equal(4, 4, 4);
    }

    [Fact]
    public void A_merge_is_followed_by_the_cuts_that_the_least_number_of_regions_needs()
    {
        var table = RegionTableTests.Table(1, new Region(0, 60, 5), new Region(60, 100, 5));
        var policy = new KernelRegionPolicy(new RegionLimits(4, 100), new RandomSource(1));

        policy.Merge([table], maxSeen: 5, maxAccesses: 20);

        // The limit of 25 keeps both apart, and cuts each.
        Enumerable.Range(0, table.Count).Select(i => (table[i].Start, table[i].End)).Should().Equal((0, 25), (25, 50), (50, 60), (60, 85), (85, 100));
    }

    [Fact]
    public void Where_the_least_and_the_most_number_of_regions_cannot_both_be_held_the_most_is()
    {
        var table = new RegionTable(1);
        for (ulong i = 0; i < 8; i++)
        {
            table.Append(new Region(i * 1000, (i * 1000) + 1 + (i * 100)));
        }

        foreach (var policy in new IRegionPolicy[] { new KernelRegionPolicy(new RegionLimits(10, 10), new RandomSource(1)), new AdaptiveRegionPolicy(new RegionLimits(10, 10)) })
        {
            policy.Fit([table]);
            table.Count.Should().BeInRange(8, 10);
        }
    }

    [Fact]
    public void What_is_too_much_for_the_maximum_is_merged_and_no_more()
    {
        foreach (var policy in new IRegionPolicy[] { new KernelRegionPolicy(new RegionLimits(3, 30), new RandomSource(1)), new AdaptiveRegionPolicy(new RegionLimits(3, 30)) })
        {
            RegionTable[] tables = [Alternating(20, 10), Alternating(20, 10)];
            policy.Fit(tables);
            (tables[0].Count + tables[1].Count).Should().Be(30);
        }
    }

    [Fact]
    public void A_round_without_room_for_a_cut_is_not_remembered()
    {
        // Ten regions, then too many, then ten again: as often as before, so three pieces.
        var policy = new KernelRegionPolicy(new RegionLimits(10, 100), new RandomSource(1));
        policy.Split([Alternating(10, 1000)]);
        policy.Split([Alternating(100, 1000)]);
        var table = Alternating(10, 1000);

        policy.Split([table]);

        table.Count.Should().BeGreaterThan(20);
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
                (tables[0].Count + tables[1].Count).Should().BeLessThanOrEqualTo(max);
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
