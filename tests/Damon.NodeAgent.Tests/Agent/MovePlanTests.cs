using CsCheck;
using Damon.Engine.Actions;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Tests.Agent;

public class MovePlanTests
{
    private const ulong Page = 4096;
    private static readonly MemoryAction ToNode1 = To(new MigrationDestination(1));

    // Each letter a page: a digit its node, '.' not in memory, '|' the border of what was asked for. Then what is moved to node 1: [ ] around parts.
    [Theory]
    [InlineData("0000", "[0000]")]
    [InlineData("0011", "[00]11")]
    [InlineData("0.00", "[0.00]")]
    [InlineData("0.10", "[0].1[0]")]
    [InlineData("0220", "[0][22][0]")]
    [InlineData("..0..", "..[0]..")]
    [InlineData("1111", "1111")]
    [InlineData("....", "....")]
    [InlineData("00|00", "[00]|[00]")]
    [InlineData("0.|.0", "[0].|.[0]")]
    public void Parts_are_what_can_be_put_back_as_a_whole(string memory, string expected)
    {
        var plan = Plan(memory);

        var drawn = "";
        var index = 0UL;
        foreach (var letter in memory)
        {
            drawn += letter != '|' && plan.Parts.Any(part => part.Range.Start == index * Page) ? "[" : "";
            drawn += letter;
            index += letter == '|' ? 0UL : 1;
            drawn += letter != '|' && plan.Parts.Any(part => part.Range.End == index * Page) ? "]" : "";
        }

        drawn.Should().Be(expected);
        plan.To.Should().Be(1);
        plan.SkippedBytes.Should().Be((index * Page) - plan.Parts.Aggregate(0UL, (sum, part) => sum + part.Range.SizeBytes));
    }

    [Fact]
    public void Holes_larger_than_a_huge_page_are_not_bridged()
    {
        var hole = MovePlan.MaxHoleBytes;
        PlacedRange[] runs = [new(new(0, Page), 0), new(new(Page + hole, (2 * Page) + hole), 0), new(new((3 * Page) + (2 * hole), (4 * Page) + (2 * hole)), 0)];

        MovePlan.Of(runs, [new(0, 1 << 30)], 1 << 30, ToNode1, ulong.MaxValue).Parts.Should().Equal(new PlacedRange(new(0, (2 * Page) + hole), 0), runs[2]);
    }

    [Fact]
    public void What_is_more_than_the_destination_has_room_for_is_left()
    {
        var plan = Plan("00.00", maxBytes: 3 * Page);

        plan.Parts.Should().Equal(new PlacedRange(new(0, 4 * Page), 0));
        (plan.End, plan.SkippedBytes).Should().Be((4 * Page, 0UL));
        Plan("00", maxBytes: Page - 1).Parts.Should().BeEmpty();
    }

    [Fact]
    public void Of_what_is_scattered_a_bounded_number_of_parts_is_moved_and_the_rest_left()
    {
        var plan = Plan(string.Concat(Enumerable.Repeat("01", 100)));

        plan.Parts.Should().HaveCount(MovePlan.MaxParts);
        plan.End.Should().Be(2 * MovePlan.MaxParts * Page, "there the first part begins that is left");
    }

    [Fact]
    public void What_was_not_looked_at_is_not_counted_as_skipped()
    {
        var plan = MovePlan.Of([new(new(0, Page), 1)], [new(0, 10 * Page), new(20 * Page, 30 * Page)], 4 * Page, ToNode1, ulong.MaxValue);

        (plan.Parts.Count, plan.End, plan.SkippedBytes).Should().Be((0, 4 * Page, 4 * Page));
    }

    [Fact]
    public void Several_destinations_take_from_every_node_and_one_of_weight_0_does_not_count()
    {
        PlacedRange[] runs = [new(new(0, Page), 1), new(new(Page, 2 * Page), 2)];

        MovePlan.Of(runs, [new(0, 2 * Page)], 2 * Page, To(new(1), new(2)), ulong.MaxValue).Should().BeEquivalentTo(new { Parts = runs, To = PageMove.SeveralNodes });
        MovePlan.Of(runs, [new(0, 2 * Page)], 2 * Page, To(new(1), new(2, 0)), ulong.MaxValue).Should().BeEquivalentTo(new { Parts = runs[1..], To = 1 });
    }

    [Fact]
    public void Where_any_destination_will_do_nothing_is_taken_from_one()
    {
        PlacedRange[] runs = [new(new(0, Page), 1), new(new(Page, 2 * Page), 0), new(new(2 * Page, 3 * Page), 2)];

        var plan = MovePlan.Of(runs, [new(0, 3 * Page)], 3 * Page, To(new(1), new(2)) with { AnyDestinationWillDo = true }, ulong.MaxValue);

        plan.Parts.Should().Equal(runs[1]);
        (plan.To, plan.SkippedBytes).Should().Be((PageMove.SeveralNodes, 2 * Page));
    }

    /// <summary>The law that putting back stands on: whatever lies in a part lies on its node.</summary>
    [Fact]
    public void In_no_part_is_there_a_page_of_another_node() =>
        Gen.Select(Gen.Int[-1, 2].Array[1, 300], Gen.ULong[0, 400]).Sample((pages, max) =>
        {
            var memory = string.Concat(pages.Select(node => node < 0 ? "." : $"{node}"));
            var plan = Plan(memory, max * Page);
            var moved = 0UL;
            foreach (var part in plan.Parts)
            {
                for (var page = part.Range.Start / Page; page < part.Range.End / Page; page++)
                {
                    pages[page].Should().BeOneOf(-1, part.Node);
                    moved += pages[page] >= 0 ? 1UL : 0;
                }

                part.Node.Should().NotBe(1);
            }

            moved.Should().BeLessThanOrEqualTo(max);
            plan.Parts.Count.Should().BeLessThanOrEqualTo(MovePlan.MaxParts);
            plan.Parts.Zip(plan.Parts.Skip(1)).All(pair => pair.First.Range.End <= pair.Second.Range.Start).Should().BeTrue();

            // In front of its end nothing is left out.
            for (var page = 0UL; page < plan.End / Page; page++)
            {
                (pages[page] is -1 or 1 || plan.Parts.Any(part => page * Page >= part.Range.Start && page * Page < part.Range.End)).Should().BeTrue();
            }
        });

    private static MovePlan Plan(string memory, ulong maxBytes = ulong.MaxValue)
    {
        var asked = new List<AddressRange>();
        var start = 0UL;
        foreach (var piece in memory.Split('|'))
        {
            asked.Add(new AddressRange(start, start + ((ulong)piece.Length * Page)));
            start = asked[^1].End;
        }

        // As the kernel's are: what lies side by side on one node is one run within a range.
        var runs = new List<PlacedRange>();
        var address = 0UL;
        var isNew = true;
        foreach (var letter in memory)
        {
            if (letter == '|')
            {
                isNew = true;
                continue;
            }

            if (letter == '.')
            {
                isNew = true;
            }
            else if (!isNew && runs[^1].Node == letter - '0')
            {
                runs[^1] = runs[^1] with { Range = runs[^1].Range with { End = address + Page } };
            }
            else
            {
                runs.Add(new PlacedRange(new AddressRange(address, address + Page), letter - '0'));
                isNew = false;
            }

            address += Page;
        }

        return MovePlan.Of(runs, asked, asked[^1].End, ToNode1, maxBytes);
    }

    private static MemoryAction To(params MigrationDestination[] destinations) => new(SchemeAction.MigrateCold, destinations);
}
