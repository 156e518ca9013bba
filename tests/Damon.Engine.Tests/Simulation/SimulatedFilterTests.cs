using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;

namespace Damon.Engine.Tests.Simulation;

public class SimulatedFilterTests
{
    private const ulong Page = 4096;
    private const ulong Pages = 1000;

    private static readonly AddressRange All = new(0, 2 * Pages * Page);

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, Pages)]
    public void A_region_is_anonymous_unless_a_file_is_declared_behind_it(bool allowsAnonymous, ulong firstPage)
    {
        using var memory = NewMemory();
        memory.SetBacking(1, isFileBacked: true);
        var filters = new PageFilters([new SchemeFilter(SchemeFilterType.Anonymous, true, allowsAnonymous)]);

        memory.Measure(SchemeAction.Pageout, All, ulong.MaxValue, out var reach, filters).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(All.End, Pages * Page, FilteredBytes: Pages * Page));
        memory.Measure(SchemeAction.Pageout, All, 10 * Page, out reach, filters).Should().Be(ActionOutcome.Applied);
        reach.End.Should().Be((firstPage + 10) * Page);

        memory.Apply(SchemeAction.Pageout, [All], filters).Should().Be(new ActionResult(ActionOutcome.Applied, Pages * Page, Pages * Page, SkippedBytes: Pages * Page));
        memory.Measure(SchemeAction.Pageout, new AddressRange(firstPage * Page, (firstPage + Pages) * Page), ulong.MaxValue, out reach).Should().Be(ActionOutcome.Applied);
        reach.ReachableBytes.Should().Be(0, "these are away");
        memory.Measure(SchemeAction.WillNeed, All, ulong.MaxValue, out reach, filters).Should().Be(ActionOutcome.Applied);
        reach.ReachableBytes.Should().Be(Pages * Page);
    }

    [Fact]
    public void Young_is_what_was_accessed_since_the_last_look()
    {
        using var memory = NewMemory();
        var young = new PageFilters([new SchemeFilter(SchemeFilterType.Young, true, true)]);

        // Each page of the first region is accessed once a second on average, none of the second.
        memory.SetAccess(0, new SimulatedAccess(Pages));
        memory.Advance(TimeSpan.FromSeconds(1));
        Count(memory, young).Should().Be(2 * Pages, "never looked at");

        memory.EndLook(All, young);
        Count(memory, young).Should().Be(2 * Pages, "the look lasts as long as its moment");

        memory.Advance(TimeSpan.FromSeconds(1));
        var once = Count(memory, young);
        once.Should().BeInRange(570, 690, "1 − 1/e of the first region");
        Count(memory, young).Should().Be(once, "asking changes nothing");

        memory.Advance(TimeSpan.FromSeconds(9));
        Count(memory, young).Should().BeGreaterThan(980);
    }

    [Theory]
    [InlineData(SchemeFilterType.Active)]
    [InlineData(SchemeFilterType.HugePageSize)]
    [InlineData(SchemeFilterType.Unmapped)]
    [InlineData(SchemeFilterType.Cgroup)]
    public void What_a_simulated_page_does_not_have_cannot_be_judged_and_is_named(SchemeFilterType type)
    {
        using var memory = NewMemory();
        var filters = new PageFilters([new SchemeFilter(type, true, true)]);
        memory.Measure(SchemeAction.Pageout, All, ulong.MaxValue, out var reach, filters).Should().Be(ActionOutcome.Unsupported);
        reach.ReachableBytes.Should().Be(0);
        memory.LastError.Should().Contain(type.ToString());
        memory.Apply(SchemeAction.Pageout, [All], filters).Outcome.Should().Be(ActionOutcome.Unsupported);
        memory.ResidentBytes.Should().Be(memory.TotalBytes);
    }

    [Fact]
    public void On_a_simulated_machine_free_is_what_its_memories_do_not_hold()
    {
        using var memory = NewMemory();
        var machine = new SimulatedMachine(3 * Pages * Page, () => memory.ResidentBytes);
        machine.TryReadMachine(out var totals).Should().BeTrue();
        totals.Should().Be(new MemoryTotals(3 * Pages * Page, Pages * Page, Pages * Page, 0, 0));

        memory.Apply(SchemeAction.Pageout, [All]);
        machine.TryReadNode(0, out totals).Should().BeTrue();
        totals.FreeBytes.Should().Be(3 * Pages * Page);
        new SimulatedMachine(1, () => memory.ResidentBytes).TryReadMachine(out totals).Should().BeTrue();
        totals.FreeBytes.Should().Be(1, "all is away");
    }

    [Fact]
    public void What_a_simulated_machine_does_not_have_cannot_be_read_and_is_named()
    {
        var machine = new SimulatedMachine(1, () => 0);
        machine.TryReadNode(1, out _).Should().BeFalse();
        machine.LastError.Should().Contain("node 1");
        machine.TryReadCgroup("x", 0, out _).Should().BeFalse();
        machine.TryReadPressure(out _).Should().BeFalse();
        machine.TryReadMachine(out _).Should().BeTrue();
        machine.LastError.Should().BeEmpty();
    }

    private static SimulatedMemory NewMemory() => new([new AddressRange(0, Pages * Page), new AddressRange(Pages * Page, 2 * Pages * Page)], 0, new RandomSource(1));

    private static ulong Count(SimulatedMemory memory, PageFilters filters)
    {
        memory.Measure(SchemeAction.Stat, All, ulong.MaxValue, out var reach, filters);
        return reach.ReachableBytes / Page;
    }
}
