using CsCheck;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

public class RegionTableTests
{
    [Fact]
    public void Many_cuts_in_one_pass_are_the_same_as_one_by_one()
    {
        var table = new RegionTable(1);
        table.Append(new Region(0, 100, 7, 3, 5));
        table.Append(new Region(150, 300, 9, 2, 4));

        table.CutAt([0, 40, 100, 120, 150, 200, 299, 300, 999]);

        Enumerable.Range(0, table.Count).Select(i => table[i]).Should().Equal(
            new Region(0, 40, 7, 3, 5), new Region(40, 100, 7, 3, 5), new Region(150, 200, 9, 2, 4), new Region(200, 299, 9, 2, 4), new Region(299, 300, 9, 2, 4));
    }

    [Fact]
    public void Merging_alike_regions_takes_the_mean_over_the_whole_run_last_counts_too()
    {
        var table = new RegionTable(1, ledgers: 1);
        table.Append(new Region(0, 100, 10, 9, 100));
        table.Append(new Region(100, 101, 10, 0, 60));
        table.Append(new Region(101, 102, 11, 0, 60));
        table.Append(new Region(102, 300, 10, 12, 90));
        for (var i = 0; i < 4; i++)
        {
            table.LedgerOf(i)[0] = 10;
        }

        table.MergeAlike(threshold: 1, ageFactor: 2, limitBytes: 1000);

        table.Count.Should().Be(1);
        table[0].Should().Be(new Region(0, 300, 10, 11, 93)); // (900 + 2376) / 300 = 10.92; (10000 + 120 + 17820) / 300 = 93.1
        table.LedgerOf(0)[0].Should().Be(40);
    }

    [Theory]
    [InlineData(0u, 8u, 1)] // Young ages are alike.
    [InlineData(0u, 9u, 2)]
    [InlineData(100u, 208u, 1)]
    [InlineData(100u, 209u, 2)]
    [InlineData(209u, 100u, 2)]
    public void Ages_of_which_one_is_far_above_the_other_are_not_merged(uint left, uint right, int regions)
    {
        var table = new RegionTable(1);
        table.Append(new Region(0, 100, 0, 0, left));
        table.Append(new Region(100, 200, 0, 0, right));

        table.MergeAlike(threshold: 0, ageFactor: 2, limitBytes: 1000);
        table.Count.Should().Be(regions);

        table.MergeAlike(threshold: 0, RegionTable.AnyAge, limitBytes: 1000);
        table.Count.Should().Be(1);
    }

    [Fact]
    public void A3_a_split_keeps_the_statistics_on_both_sides()
    {
        var table = Table(1, new Region(0, 100, 42, 15, 10));

        table.SplitAt(0, 25);

        Rows(table).Should().Equal(new Region(0, 25, 42, 15, 10), new Region(25, 100, 42, 15, 10));
    }

    [Theory]
    [InlineData(0, 100, 0, "")]
    [InlineData(0, 100, 10, "0-10 10-20 20-30 30-40 40-50 50-60 60-70 70-80 80-90 90-100")]
    [InlineData(5, 59, 5, "5-15 15-25 25-35 35-45 45-59")]
    [InlineData(4, 6, 1, "4-6")]
    [InlineData(0, 3, 2, "0-1 1-3")]
    [InlineData(5, 6, 2, "")]
    public void A10_even_cuts(ulong start, ulong end, int pieces, string expected)
    {
        var table = Table(1, new Region(start, end));

        table.TryCutEvenly(0, pieces).Should().Be(expected.Length > 0);
        table.TryCutEvenly(table.Count, pieces).Should().BeFalse("there is no such region");
        new RegionTable(1).TryCutEvenly(0, pieces).Should().BeFalse();

        string.Join(' ', Rows(table).Select(r => $"{r.Start}-{r.End}")).Should().Be(expected.Length > 0 ? expected : $"{start}-{end}");
    }

    [Theory]
    [InlineData("3-8 8-10", "4-6", "4-6")]
    public void A22_new_ranges_take_the_place_of_the_old_ones(string old, string ranges, string expected)
    {
        static AddressRange[] Parse(string text) => [.. text.Split(' ').Select(r => r.Split('-')).Select(r => new AddressRange(ulong.Parse(r[0]), ulong.Parse(r[1])))];
        var table = Table(1, [.. Parse(old).Select(r => new Region(r.Start, r.End))]);

        table.SetRanges(Parse(ranges));

        Rows(table).Select(r => r.Range).Should().Equal(Parse(expected));
    }

    [Fact]
    public void Ledgers_follow_their_schemes_to_other_columns()
    {
        var table = new RegionTable(1, ledgers: 2);
        table.Append(new Region(0, 10));
        table.Append(new Region(10, 30));
        new ulong[] { 1, 2 }.CopyTo(table.LedgerOf(0));
        new ulong[] { 4, 6 }.CopyTo(table.LedgerOf(1));

        table.RemapLedgers([1, -1, 0]);
        table.LedgerOf(1).ToArray().Should().Equal(6, 0, 4);
        table.SplitAt(1, 20);
        table.LedgerOf(2).ToArray().Should().Equal(3, 0, 2);
        table.RemapLedgers([2]);
        table.Append(new Region(30, 40));
        Enumerable.Range(0, 4).Select(i => table.LedgerOf(i)[0]).Should().Equal(1, 2, 2, 0);
        table.RemapLedgers([]);
        table.Merge(100, ulong.MaxValue, countAges: true);
        table.Count.Should().Be(1);
    }

    [Fact]
    public void An_age_stays_at_the_highest_there_is()
    {
        var table = Table(1, new Region(0, 10, 0, 0, uint.MaxValue));

        table.Merge(0, ulong.MaxValue, countAges: true);

        table.Ages[0].Should().Be(uint.MaxValue);
    }

    [Fact]
    public void A4_a_merge_weighs_counts_and_ages_by_size()
    {
        var table = Table(1, new Region(0, 100, 10, 10, 9), new Region(100, 300, 20, 20, 21));

        table.Merge(10, ulong.MaxValue, countAges: false);

        var merged = Rows(table).Should().ContainSingle().Subject;
        (merged.Start, merged.End, merged.Accesses, merged.Age).Should().Be((0, 300, 16, 17));
    }

    [Fact]
    public void A5_neighbours_merge_within_the_threshold_and_below_the_size_limit()
    {
        //  0      100 112 | 114 122 130    156    170   184   230            10170
        //  |  0   | 0 |gap| 10 | 10 |  20  |  30  |  1  |  2  |      5       |
        var table = Table(
            1,
            new Region(0, 100, 0),
            new Region(100, 112, 0),
            new Region(114, 122, 10),
            new Region(122, 130, 10),
            new Region(130, 156, 20),
            new Region(156, 170, 30),
            new Region(170, 184, 1),
            new Region(184, 230, 2),
            new Region(230, 10170, 5));

        table.Merge(9, 9999, countAges: true);

        Ranges(table).Should().Equal((0, 112), (114, 130), (130, 156), (156, 170), (170, 230), (230, 10170));
    }

    [Fact]
    public void Age_grows_while_the_count_stays_alike_and_on_the_same_side_of_zero()
    {
        var table = Table(
            1,
            new Region(0, 10, Accesses: 5, LastAccesses: 6, Age: 3),
            new Region(20, 30, Accesses: 9, LastAccesses: 6, Age: 3),
            new Region(40, 50, Accesses: 0, LastAccesses: 1, Age: 3),
            new Region(60, 70, Accesses: 0, LastAccesses: 0, Age: 3));

        table.Merge(2, ulong.MaxValue, countAges: true);

        table.Ages.ToArray().Should().Equal(4, 0, 0, 4);
    }

    [Fact]
    public void A2_a_new_aggregation_remembers_the_last_counts()
    {
        RegionTable[] targets =
        [
            Table(1, new Region(10, 15, 42), new Region(20, 27, 95), new Region(30, 40, 84)),
            Table(1, new Region(5, 31, 10), new Region(42, 45, 20), new Region(49, 55, 30)),
            Table(1, new Region(13, 23, 0), new Region(33, 44, 1), new Region(55, 66, 2)),
        ];

        foreach (var target in targets)
        {
            target.ResetAggregation();
        }

        targets.Select(target => target.Count).Should().Equal(3, 3, 3);
        targets.SelectMany(target => target.Accesses.ToArray()).Should().OnlyContain(count => count == 0);
        targets.SelectMany(target => target.LastAccesses.ToArray()).Should().Equal(42, 95, 84, 10, 20, 30, 0, 1, 2);
    }

    [Fact]
    public void A1_a_new_region_is_fresh_and_the_last_one()
    {
        var region = new Region(1, 2);
        (region.Start, region.End, region.Accesses, region.LastAccesses, region.Age).Should().Be((1UL, 2UL, 0u, 0u, 0u));
        var table = Table(1);
        table.Count.Should().Be(0);
        foreach (var start in new ulong[] { 0, 2, 4, 6 })
        {
            table.Append(new Region(start, start + 2));
            (table[table.Count - 1].Start, table.FindEndingAfter(start + 1), table.FindEndingAfter(start + 2)).Should().Be((start, table.Count - 1, table.Count));
        }

        table.Clear();
        (table.Count, table.TotalBytes).Should().Be((0, 0UL));
    }

    [Fact]
    public void A6_a_split_makes_at_most_so_many_pieces_that_begin_at_multiples_of_the_smallest_region() => Gen.ULong.Sample(seed =>
    {
        var random = new RandomSource(seed);
        foreach (var (size, pieces) in new[] { (22UL, 2), (220UL, 4) })
        {
            var one = Table(1, new Region(0, size));
            one.Split(pieces, 1, 0, random);
            one.Count.Should().BeInRange(2, pieces);
            one.TotalBytes.Should().Be(size);
        }

        var table = Table(5, new Region(0, 220), new Region(300, 400), new Region(500, 700));
        table.Split(4, 1, 0, random);
        table.Count.Should().BeInRange(4, 12);
        table.TotalBytes.Should().Be(520);
        Ranges(table).Should().OnlyContain(range => range.Start % 5 == 0 && range.End % 5 == 0);
    });

    [Fact]
    public void A_cut_leaves_one_to_nine_tenths_on_the_left_each_as_often()
    {
        // Of 1000 pages with the smallest region of one page, tenths are exact.
        var random = new RandomSource(2);
        var tenths = new int[11];
        for (var i = 0; i < 9000; i++)
        {
            var table = Table(4096, new Region(0, 1000 * 4096));
            table.Split(2, 1, 0, random);
            (table.Ends[0] % (100 * 4096)).Should().Be(0);
            tenths[table.Ends[0] / (100 * 4096)]++;
        }

        (tenths[0], tenths[10]).Should().Be((0, 0));
        tenths[1..10].Should().OnlyContain(count => count > 850 && count < 1150);
    }

    [Theory]
    [InlineData(3UL, 1UL, new ulong[] { 1, 2 })] // 0.3 … 2.7: nothing for the tenths below 1
    [InlineData(5UL, 2UL, new ulong[] { 2, 4 })] // 0.5 … 4.5, down to twos
    [InlineData(11UL, 4UL, new ulong[] { 4, 8 })]
    [InlineData(11UL, 5UL, new ulong[] { 5 })]
    public void Cuts_lie_at_tenths_rounded_down_to_the_smallest_region(ulong size, ulong minRegion, ulong[] lefts)
    {
        var random = new RandomSource(3);
        var seen = new SortedSet<ulong>();
        for (var i = 0; i < 500; i++)
        {
            var table = Table(minRegion, new Region(0, size));
            table.Split(2, 1, 0, random);
            seen.Add(table.Ends[0]);
        }

        seen.Where(end => end < size).Should().Equal(lefts);
        seen.Contains(size).Should().BeTrue("some tenths round to nothing, and then nothing is cut");
    }

    [Fact]
    public void The_last_count_of_a_merged_region_is_that_of_its_left_part()
    {
        var table = Table(1, new Region(0, 1, 2, 7, 0), new Region(1, 100, 2, 1, 0), new Region(100, 200, 3, 9, 0));

        table.Merge(1, ulong.MaxValue, countAges: false);

        Rows(table).Should().Equal(new Region(0, 200, 2, 7, 0));
    }

    [Theory]
    [InlineData("", "5-15 15-25", "5-15 15-25")]
    [InlineData("4-16 24-32", "18-23", "18-23")]
    [InlineData("4-16 24-32", "8-28", "8-16 16-24 24-28")]
    [InlineData("0-4 4-17", "0-15 25-40", "0-4 4-15 25-40")]
    [InlineData("10-20 20-30 50-55 55-57 57-59 70-80 80-90 90-100", "5-27 45-55 73-104", "5-20 20-27 45-55 73-80 80-90 90-104")]
    [InlineData("10-20 20-30 50-55 55-57 57-59 70-80 80-90 90-100", "5-27 56-57 65-104", "5-20 20-27 56-57 65-80 80-90 90-104")]
    [InlineData("0-100", "10-20 30-40", "10-20 30-40")]
    [InlineData("0-100", "", "")]
    [InlineData("0-10 20-30 40-50", "0-50", "0-10 10-20 20-30 30-40 40-50")]
    [InlineData("10-20 20-30", "0-10 30-40", "0-10 30-40")]
    [InlineData("10-20 40-50", "12-48", "12-20 20-40 40-48")]
    [InlineData("10-20", "0-5 15-30 35-40", "0-5 15-30 35-40")]
    [InlineData("0-30 30-40", "0-10 20-50", "0-10 20-50")] // The torn region is the first range's; the second one stretches its own.
    [InlineData("0-10 90-100", "0-100", "0-10 10-90 90-100")]
    public void A8_new_ranges_keep_what_still_fits_and_fill_the_rest(string old, string ranges, string expected)
    {
        var table = Table(1, [.. Parse(old).Select(r => new Region(r.Start, r.End, Accesses: 3))]);

        table.SetRanges([.. Parse(ranges)]);

        Ranges(table).Should().Equal(Parse(expected).Select(r => (r.Start, r.End)));
    }

    [Fact]
    public void A8_what_stays_keeps_its_statistics_and_holes_are_fresh()
    {
        var table = Table(1, new Region(10, 20, 3, 4, 5), new Region(40, 50, 6, 7, 8), new Region(50, 90, 9, 10, 11));

        table.SetRanges([new AddressRange(0, 60), new AddressRange(80, 95)]);

        Rows(table).Should().Equal(new Region(0, 20, 3, 4, 5), new Region(20, 40), new Region(40, 50, 6, 7, 8), new Region(50, 60, 9, 10, 11), new Region(80, 95));
    }

    [Fact]
    public void A_region_that_is_torn_apart_keeps_its_statistics_in_each_part()
    {
        var table = Table(1, new Region(0, 30, 3, 4, 5), new Region(30, 40, 6, 7, 8));

        table.FollowRanges([new AddressRange(0, 10), new AddressRange(20, 50)]);

        Rows(table).Should().Equal(new Region(0, 10, 3, 4, 5), new Region(20, 30, 3, 4, 5), new Region(30, 50, 6, 7, 4));
    }

    [Fact]
    public void New_ranges_at_the_very_end_of_the_addresses_do_not_wrap_round()
    {
        var table = Table(4096);

        table.SetRanges([new AddressRange(4096, 8192), new AddressRange(ulong.MaxValue - 10_000, ulong.MaxValue)]);

        Ranges(table).Should().Equal((4096, 8192), (ulong.MaxValue - 12_287, ulong.MaxValue - 4095));
    }

    [Fact]
    public void Parts_of_a_mapping_are_joined_again_and_neighbouring_mappings_are_not()
    {
        var table = Table(1, new Region(0, 10, Age: 4), new Region(10, 20, Age: 8), new Region(20, 30, Age: 5), new Region(40, 50), new Region(50, 60));

        table.JoinWithin([new AddressRange(0, 20), new AddressRange(20, 30), new AddressRange(40, 60)]);

        Rows(table).Should().Equal(new Region(0, 20, Age: 6), new Region(20, 30, Age: 5), new Region(40, 60));
    }

    [Fact]
    public void A_count_of_bytes_follows_its_bytes_when_a_hole_is_torn_into_a_region()
    {
        var table = new RegionTable(1, ledgers: 1);
        table.Append(new Region(100, 200));
        table.LedgerOf(0)[0] = 100;

        table.FollowRanges([new AddressRange(0, 150), new AddressRange(160, 400)]);

        Rows(table).Select(r => (r.Start, r.End)).Should().Equal((0UL, 150UL), (160UL, 400UL));
        (table.LedgerOf(0)[0], table.LedgerOf(1)[0]).Should().Be((50UL, 40UL));
    }

    [Fact]
    public void Memory_that_was_just_mapped_beside_a_region_does_not_inherit_its_age()
    {
        var table = Table(1, new Region(900, 1000, Age: 1200));

        table.FollowRanges([new AddressRange(0, 1000)]);

        table[0].Should().Be(new Region(0, 1000, Age: 120));
    }

    [Fact]
    public void New_ranges_are_widened_to_whole_minimum_regions_and_do_not_overlap()
    {
        var table = Table(4096);

        table.SetRanges([new AddressRange(100, 5000), new AddressRange(6000, 13000)]);

        Ranges(table).Should().Equal((0, 8192), (8192, 16384));
    }

    [Fact]
    public void Region_is_split_only_above_twice_the_minimum_size()
    {
        var random = new RandomSource(1);
        var table = Table(4096, new Region(0, 8192), new Region(8192, 8192 + 12288));

        for (var i = 0; i < 100; i++)
        {
            table.Split(2, 1, 0, random);
        }

        table.Starts.ToArray().Should().Contain(0).And.NotContain(4096);
        table.Count.Should().Be(3, "the larger one can be cut once, then both parts are at or below twice the minimum");
    }

    [Fact]
    public void A_count_of_bytes_is_shared_out_by_a_split_and_summed_by_a_merge()
    {
        var table = new RegionTable(1, ledgers: 2);
        table.Append(new Region(0, 100));
        table.LedgerOf(0)[1] = 1000;

        table.SplitAt(0, 30);
        table.LedgerOf(0).ToArray().Should().Equal(0, 300);
        table.LedgerOf(1).ToArray().Should().Equal(0, 700);

        table.Merge(0, ulong.MaxValue, countAges: false);
        table.LedgerOf(0).ToArray().Should().Equal(0, 1000);
    }

    [Theory]
    [InlineData(10, 1, 10, 1, 10)]
    [InlineData(10, 1, 15, 1, 10)]
    [InlineData(10, 2, 2, 6, 2)]
    [InlineData(10, 2, 10, 2, 5)]
    [InlineData(9, 1, 4, 2, 5)] // 2.25: the pieces are as small as that, so there is one more
    [InlineData(8, 1, 4, 2, 4)]
    [InlineData(4096, 4096, 3, 4096, 1)]
    [InlineData(10 * 4096, 4096, 3, 4 * 4096, 3)]
    public void A11_the_size_limit_makes_room_for_the_least_number_of_regions(ulong size, ulong minRegion, int minRegions, ulong limit, int count)
    {
        var table = Table(minRegion, new Region(0, size));

        KernelRegionPolicy.SizeLimit(size, minRegions, minRegion).Should().Be(limit);
        table.CutAbove(limit);

        table.Count.Should().Be(count);
        table.TotalBytes.Should().Be(size);
    }

    [Fact]
    public void B9_a_gigabyte_in_ten_pieces_of_whole_pages()
    {
        var table = Table(4096, new Region(0, 1UL << 30));
        var policy = new KernelRegionPolicy(RegionLimits.Default, new RandomSource(1));

        policy.Fit([table]);

        (policy.SizeLimitBytes, table.Count).Should().Be((107_376_640, 10));
        KernelRegionPolicy.SizeLimit(1UL << 30, 10, 4096).Should().Be(107_376_640);
    }

    [Theory]
    [InlineData(ulong.MaxValue, 1, 4096UL, ulong.MaxValue - 4095)]
    [InlineData(ulong.MaxValue, 3, 1UL << 63, 1UL << 63)]
    [InlineData(ulong.MaxValue, 3, 1UL, ulong.MaxValue / 3)]
    [InlineData(100UL, 0, 1UL, 100UL)]
    public void The_size_limit_does_not_wrap_round(ulong size, int minRegions, ulong minRegion, ulong limit) =>
        KernelRegionPolicy.SizeLimit(size, minRegions, minRegion).Should().Be(limit);

    [Fact]
    public void A_region_is_found_by_its_address()
    {
        var table = Table(1, new Region(10, 20), new Region(20, 30), new Region(50, 60));

        new ulong[] { 0, 10, 19, 20, 30, 59, 60 }.Select(table.FindEndingAfter).Should().Equal(0, 0, 0, 1, 2, 2, 3);
    }

    [Fact]
    public void Splits_and_merges_never_lose_bytes_order_or_alignment() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 40], Gen.Int[2, 3], Gen.UInt[0, 20], Gen.Int[1, 200]).Sample((seed, regions, pieces, threshold, pages) =>
        {
            var random = new RandomSource(seed);
            var table = new RegionTable(4096, ledgers: 1);
            ulong at = 0;
            ulong ledger = 0;
            for (var i = 0; i < regions; i++)
            {
                at += 4096 * random.NextBelow(3);
                var size = 4096 * (1 + random.NextBelow((ulong)pages));
                table.Append(new Region(at, at + size, (uint)random.NextBelow(21), (uint)random.NextBelow(21), (uint)random.NextBelow(100)));
                table.LedgerOf(i)[0] = random.NextBelow(size);
                ledger += table.LedgerOf(i)[0];
                at += size;
            }

            var bytes = table.TotalBytes;
            var slack = 0UL;
            for (var round = 0; round < 5; round++)
            {
                var before = table.Count;
                table.Split(pieces, 1 + (int)random.NextBelow(3), round, random);
                slack += (ulong)(table.Count - before);
                table.CutAbove(4096 * 64);
                table.Merge(threshold, 4096 * 128, countAges: true);
                slack += (ulong)table.Count;

                table.TotalBytes.Should().Be(bytes);
                for (var i = 0; i < table.Count; i++)
                {
                    (table.Starts[i] % 4096).Should().Be(0);
                    table.Ends[i].Should().BeGreaterThan(table.Starts[i]);
                    if (i > 0)
                    {
                        table.Starts[i].Should().BeGreaterThanOrEqualTo(table.Ends[i - 1]);
                    }
                }
            }

            var left = Enumerable.Range(0, table.Count).Aggregate(0UL, (sum, i) => sum + table.LedgerOf(i)[0]);
            left.Should().BeLessThanOrEqualTo(ledger).And.BeGreaterThanOrEqualTo(ledger - Math.Min(ledger, slack + (5UL * (ulong)bytes / 4096)));
        });

    [Fact]
    public void Sampled_addresses_lie_in_their_regions()
    {
        var random = new RandomSource(7);
        var table = Table(1, new Region(5, 6), new Region(10, 1000), new Region(1000, ulong.MaxValue));

        for (var round = 0; round < 1000; round++)
        {
            table.PickSampleAddresses(random);
            for (var i = 0; i < table.Count; i++)
            {
                table.SampleAddresses[i].Should().BeGreaterThanOrEqualTo(table.Starts[i]).And.BeLessThan(table.Ends[i]);
            }
        }
    }

    internal static RegionTable Table(ulong minRegionBytes, params Region[] regions)
    {
        var table = new RegionTable(minRegionBytes);
        foreach (var region in regions)
        {
            table.Append(region);
        }

        return table;
    }

    private static List<Region> Rows(RegionTable table) => [.. Enumerable.Range(0, table.Count).Select(i => table[i])];

    private static List<(ulong Start, ulong End)> Ranges(RegionTable table) => [.. Rows(table).Select(r => (r.Start, r.End))];

    private static List<AddressRange> Parse(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.Split('-'))
            .Select(ends => new AddressRange(ulong.Parse(ends[0]), ulong.Parse(ends[1])))];
}
