using CsCheck;
using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Regions;

public class AddressRangeListTests
{
    [Fact]
    public void A9_three_regions_of_mappings()
    {
        var list = List((10, 20), (20, 25), (200, 210), (210, 220), (300, 305), (307, 330));

        list.FoldToThree().Should().BeTrue();

        list.Ranges.ToArray().Should().Equal(new AddressRange(10, 25), new AddressRange(200, 220), new AddressRange(300, 330));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("10-20", "10-20")]
    [InlineData("10-20 20-25 200-210", "10-20 20-25 200-210")] // one gap
    [InlineData("10-20 30-40 50-60", "10-20 30-40 50-60")]
    [InlineData("0-1 2-3 9-10 11-12 13-14", "0-1 2-3 9-14", "of equal gaps the first counts")]
    public void Three_ranges_need_two_gaps(string mappings, string expected, string because = "")
    {
        var list = List([.. mappings.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(m => m.Split('-')).Select(m => (ulong.Parse(m[0]), ulong.Parse(m[1])))]);

        list.FoldToThree();

        string.Join(' ', list.Ranges.ToArray().Select(r => $"{r.Start}-{r.End}")).Should().Be(expected, because);
    }

    [Fact]
    public void The_smallest_gaps_are_bridged_first()
    {
        var list = List((0, 10), (11, 20), (25, 30), (100, 110));

        list.FoldTo(2);

        list.Ranges.ToArray().Should().Equal(new AddressRange(0, 30), new AddressRange(100, 110));
    }

    [Fact]
    public void Of_equal_gaps_only_as_many_as_needed_are_bridged()
    {
        var list = List((0, 10), (20, 30), (40, 50), (60, 70));

        list.FoldTo(3);

        list.Ranges.ToArray().Should().Equal(new AddressRange(0, 30), new AddressRange(40, 50), new AddressRange(60, 70));
    }

    [Fact]
    public void Folding_gives_exactly_the_wanted_number_and_covers_all() =>
        Gen.Select(Gen.ULong[1, 50].Array[2, 60], Gen.Int[1, 60]).Sample((steps, wanted) =>
        {
            var list = new AddressRangeList();
            ulong at = 0;
            foreach (var step in steps)
            {
                list.Add(new AddressRange(at + step, at + step + 5));
                at += step + 5;
            }

            var original = list.Ranges.ToArray();
            list.FoldTo(wanted);

            var folded = list.Ranges.ToArray();
            folded.Should().HaveCount(Math.Min(wanted, original.Length));
            original.Should().OnlyContain(o => folded.Any(f => f.Start <= o.Start && f.End >= o.End));
        });

    [Fact]
    public void An_empty_range_is_not_added() => List((5, 5), (6, 7)).Count.Should().Be(1);

    private static AddressRangeList List(params (ulong Start, ulong End)[] ranges)
    {
        var list = new AddressRangeList();
        foreach (var (start, end) in ranges)
        {
            list.Add(new AddressRange(start, end));
        }

        return list;
    }
}
