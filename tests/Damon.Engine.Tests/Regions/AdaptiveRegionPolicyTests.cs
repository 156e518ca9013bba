using CsCheck;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

public class AdaptiveRegionPolicyTests
{
    private const ulong Page = 4096;

    private const uint Samples = 20;

    [Fact]
    public void The_budget_of_regions_is_spent_at_once()
    {
        var table = Whole(64UL << 30);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(10, 1000));
        policy.Fit([table]);
        table.Count.Should().BeInRange(10, 11, "before anything was looked at, only the least number is made");

        Round(policy, table, _ => 0);

        table.Count.Should().BeInRange(900, 1000);
    }

    /// <summary>As in a real process: its program, far above its heap, and at the other end of the addresses its libraries and stack.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gaps_between_mappings_take_nothing_of_the_budget(bool isMissed)
    {
        AddressRange[] ranges = [new(0x40_0000, 0x4a_e000), new(0x1489_1000, 0x148b_3000), new(0x7f7c_9c40_0000, 0x7f7c_a440_0000), new(0x7f7c_a476_9000, 0x7f7c_a47a_9000), new(0x7ffd_fe8c_e000, 0x7ffd_fe8e_f000)];
        var table = new RegionTable(Page) { HoldsAges = isMissed };
        table.SetRanges(ranges);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(10, 1000));
        policy.Fit([table]);
        for (var i = 0; i < 5; i++)
        {
            Round(policy, table, _ => 0);

            PiecesIn(table, ranges[2]).Should().BeGreaterThan(900, "it is 128 of the 130 MiB");
            table.Count.Should().BeLessThanOrEqualTo(1000);
        }
    }

    [Fact]
    public void A_border_beside_a_gap_and_memory_that_was_just_mapped_are_looked_at_like_any_other()
    {
        const ulong Far = 1UL << 46;
        const ulong Border = Far + (777 * Page);
        var table = new RegionTable(Page);
        table.SetRanges([new AddressRange(0, 1UL << 28)]);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(10, 200));
        policy.Fit([table]);
        Round(policy, table, _ => 0);
        table.SetRanges([new AddressRange(0, 1UL << 28), new AddressRange(Far, Far + (1UL << 28))]);
        policy.Fit([table]);
        for (var i = 0; i < 20; i++)
        {
            Round(policy, table, piece => piece.Start < Far || piece.Start >= Border ? 0 : piece.End <= Border ? Samples : (uint)(Samples * (Border - piece.Start) / piece.SizeBytes));
        }

        table.Starts.ToArray().Should().Contain(Border);
    }

    [Fact]
    public void Small_memory_is_not_cut_into_pages_without_a_reason()
    {
        var table = Whole(256 * Page);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(3, 1000));
        policy.Fit([table]);

        for (var i = 0; i < 5; i++)
        {
            Round(policy, table, _ => 0);
        }

        table.Count.Should().BeLessThanOrEqualTo(256 / 16);
    }

    [Fact]
    public void A_border_is_found_to_the_page_and_kept()
    {
        const ulong Border = 12345 * Page;
        var table = Whole(1UL << 30);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(10, 200));
        policy.Fit([table]);
        for (var i = 0; i < 20; i++)
        {
            Round(policy, table, HotBelow);
        }

        // Nothing that is counted later moves it any more.
        for (var i = 0; i < 20; i++)
        {
            table.Starts.ToArray().Should().Contain(Border);
            Round(policy, table, HotBelow);
        }

        static uint HotBelow(AddressRange piece) => piece.End <= Border ? Samples : piece.Start >= Border ? 0 : (uint)(Samples * (Border - piece.Start) / piece.SizeBytes);
    }

    [Fact]
    public void Cuts_go_where_accessed_and_idle_memory_were_seen_in_one_piece()
    {
        var table = Whole(16UL << 30);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(10, 500));
        policy.Fit([table]);
        Round(policy, table, _ => 0);

        // One piece in the middle: a part of it is hot.
        var mixed = table[table.Count / 2];
        Round(policy, table, piece => piece.Start == mixed.Start ? 3u : 0);

        PiecesIn(table, mixed.Range).Should().BeInRange(8, 24);
        PiecesIn(table, table[0].Range).Should().Be(1);
    }

    [Fact]
    public void Memory_that_is_everywhere_accessed_a_little_gets_no_more_cuts_than_other_memory()
    {
        // The lower half: each page in a quarter of the samples, at random. Cutting tells nothing there.
        const ulong Half = 8UL << 30;
        var random = new RandomSource(5);
        var table = Whole(2 * Half);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(10, 500));
        policy.Fit([table]);
        for (var i = 0; i < 60; i++)
        {
            Round(policy, table, piece => piece.Start < Half ? Binomial(random, 0.25) : 0);
        }

        PiecesIn(table, new AddressRange(Half, 2 * Half)).Should().BeGreaterThan(table.Count / 10);
    }

    [Fact]
    public void Beside_a_small_hot_piece_its_large_neighbours_are_looked_at_anew()
    {
        var table = Whole(64UL << 30);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(10, 100));
        policy.Fit([table]);
        Round(policy, table, _ => 0);

        // 1 MiB was found; its neighbour is a thousand times as large.
        table.SplitAt(50, table[50].Start + (1UL << 20));
        var hot = table[50].Range;
        Round(policy, table, piece => piece.Start == hot.Start ? Samples : 0);

        var behind = table.FindEndingAfter(hot.End);
        table[behind].Range.Should().Be(new AddressRange(hot.End, hot.End + hot.SizeBytes));
    }

    [Fact]
    public void Memory_that_has_just_become_idle_does_not_take_the_age_of_old_memory_around_it()
    {
        var table = new RegionTable(Page);
        table.Append(new Region(0, 1000 * Page, 0, 0, Age: 500));
        table.Append(new Region(1000 * Page, 1010 * Page, 0, LastAccesses: Samples, Age: 500));
        table.Append(new Region(1010 * Page, 3000 * Page, 0, 0, Age: 500));
        RegionTable[] adaptive = [table];

        new AdaptiveRegionPolicy(new RegionLimits(3, 100)).Merge(adaptive, maxSeen: 0, Samples);

        table[table.FindEndingAfter(1005 * Page)].Age.Should().Be(0, "DAMON's merge gives it 499");
        table[0].Age.Should().Be(501);
    }

    [Fact]
    public void A_small_young_part_does_not_hold_back_the_age_of_a_large_region()
    {
        // Rounded down at every step, as DAMON does it, one young page in each aggregation would keep a gigabyte at the same age for ever.
        var table = Whole(1UL << 30);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(3, 20));
        for (var round = 0; round < 100; round++)
        {
            var page = (ulong)(round % 10 * 1000) * Page;
            table.CutAt([page, page + Page]);
            table.Ages[table.FindEndingAfter(page)] = (uint)Math.Max(0, round - 1);
            policy.Merge([table], 0, Samples);
            table.ResetAggregation();
        }

        table.Ages.ToArray().Max().Should().BeGreaterThanOrEqualTo(99);
    }

    [Fact]
    public void What_was_missed_is_not_learned()
    {
        var table = Whole(16UL << 30);
        var policy = new AdaptiveRegionPolicy(new RegionLimits(10, 500));
        policy.Fit([table]);
        Round(policy, table, _ => 0);
        var mixed = table[table.Count / 2];
        table.HoldsAges = true;

        Round(policy, table, piece => piece.Start == mixed.Start ? 3u : 0);

        PiecesIn(table, mixed.Range).Should().BeLessThanOrEqualTo(2);
    }

    [Fact]
    public void The_budget_is_shared_between_targets_by_their_size()
    {
        RegionTable[] tables = [Whole(1UL << 30), Whole(3UL << 30), Whole(Page)];
        var policy = new AdaptiveRegionPolicy(new RegionLimits(10, 400));
        policy.Fit(tables);
        for (var i = 0; i < 4; i++)
        {
            policy.Merge(tables, 0, Samples);
            foreach (var table in tables)
            {
                table.ResetAggregation();
            }

            policy.Split(tables);
        }

        ((double)tables[1].Count / tables[0].Count).Should().BeInRange(2.4, 3.6);
        tables[2].Count.Should().Be(1);
    }

    [Fact]
    public void Regions_stay_within_the_limits_and_the_memory_whatever_is_seen() =>
        Gen.Select(Gen.ULong, Gen.Int[3, 20], Gen.Int[20, 200], Gen.ULong[1, 1UL << 34]).Sample((seed, min, max, pages) =>
        {
            var random = new RandomSource(seed);
            var policy = new AdaptiveRegionPolicy(new RegionLimits(min, max));
            RegionTable[] tables = [new RegionTable(Page), new RegionTable(Page)];
            tables[0].Append(new Region(0, pages * Page));
            tables[1].Append(new Region(Page, ((pages / 3) + 2) * Page));
            policy.Fit(tables);
            var total = tables[0].TotalBytes + tables[1].TotalBytes;
            for (var round = 0; round < 30; round++)
            {
                uint seen = 0;
                foreach (var table in tables)
                {
                    foreach (ref var count in table.Accesses)
                    {
                        count = random.NextBelow(3) == 0 ? (uint)random.NextBelow(Samples + 1) : 0;
                        seen = Math.Max(seen, count);
                    }
                }

                policy.Merge(tables, seen, Samples);
                policy.SizeLimitBytes.Should().BeGreaterThanOrEqualTo(Page);
                foreach (var table in tables)
                {
                    table.Accesses.ToArray().Should().OnlyContain(count => count <= Samples);
                    table.ResetAggregation();
                }

                policy.Split(tables);
                (tables[0].Count + tables[1].Count).Should().BeLessThanOrEqualTo(max);
                (tables[0].TotalBytes + tables[1].TotalBytes).Should().Be(total);
                foreach (var table in tables)
                {
                    for (var i = 1; i < table.Count; i++)
                    {
                        table.Starts[i].Should().Be(table.Ends[i - 1]);
                        (table.Starts[i] % Page).Should().Be(0);
                    }
                }
            }
        }, iter: 200);

    private static RegionTable Whole(ulong size)
    {
        var table = new RegionTable(Page);
        table.Append(new Region(0, size));
        return table;
    }

    /// <summary>One aggregation with a count given for each piece.</summary>
    private static void Round(AdaptiveRegionPolicy policy, RegionTable table, Func<AddressRange, uint> countOf)
    {
        uint seen = 0;
        for (var i = 0; i < table.Count; i++)
        {
            table.Accesses[i] = countOf(table[i].Range);
            seen = Math.Max(seen, table.Accesses[i]);
        }

        policy.Merge([table], seen, Samples);
        table.ResetAggregation();
        policy.Split([table]);
    }

    private static uint Binomial(RandomSource random, double chance)
    {
        uint count = 0;
        for (var i = 0; i < Samples; i++)
        {
            count += random.NextShare() < chance ? 1u : 0;
        }

        return count;
    }

    private static int PiecesIn(RegionTable table, AddressRange range) => table.Starts.ToArray().Count(start => start >= range.Start && start < range.End);
}
