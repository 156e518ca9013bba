using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;

namespace Damon.Engine.Tests.Simulation;

public class SimulatedNodesTests
{
    private const ulong Page = 4096;
    private const ulong Huge = 512 * Page;

    private static readonly AddressRange All = new(0, 4 * Huge);
    private static readonly MemoryAction ToNode1 = new(SchemeAction.MigrateCold, [new(1)]);
    private static readonly MemoryAction ToNode0 = new(SchemeAction.MigrateHot, [new(0)]);

    [Fact]
    public void Everything_lies_on_node_0_until_it_is_moved()
    {
        using var memory = NewMemory();

        Reach(memory, ToNode0).Should().Be(0);
        memory.Apply(ToNode0, [All]).Should().Be(new ActionResult(ActionOutcome.NoEffect, All.SizeBytes, 0));
        Reach(memory, ToNode1).Should().Be(All.SizeBytes);
        memory.Apply(ToNode1, [new(0, Huge)]).Should().Be(new ActionResult(ActionOutcome.Applied, Huge, Huge));
        (memory.NodeOf(0), memory.NodeOf(Huge - 1), memory.NodeOf(Huge)).Should().Be((1, 1, 0));
        (Reach(memory, ToNode0), Reach(memory, ToNode1)).Should().Be((Huge, 3 * Huge));
        (memory.ElsewhereBytes, memory.MovedBytes, memory.ResidentBytes).Should().Be((Huge, Huge, All.SizeBytes));
    }

    [Fact]
    public void Measuring_stops_behind_the_page_that_reaches_the_limit()
    {
        using var memory = NewMemory();
        memory.Apply(ToNode1, [new(0, 10 * Page)]);

        memory.Measure(ToNode1, All, 3 * Page, out var reach).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(13 * Page, 3 * Page));
        memory.Measure(ToNode1, All, 0, out reach);
        reach.Should().Be(new Reach(0, 0));
    }

    [Fact]
    public void Several_destinations_share_by_weight_in_blocks_of_a_huge_page()
    {
        using var memory = NewMemory();

        memory.Apply(new(SchemeAction.MigrateCold, [new(1), new(2, 2), new(0)]), [All]).EffectBytes.Should().Be(3 * Huge);

        Enumerable.Range(0, 4).Select(block => memory.NodeOf((ulong)block * Huge)).Should().Equal(1, 2, 2, 0);
    }

    [Fact]
    public void Pages_that_are_out_of_memory_are_not_moved_and_come_back_where_they_were()
    {
        using var memory = NewMemory();
        memory.Apply(ToNode1, [new(0, 100 * Page)]);
        memory.Apply(SchemeAction.Pageout, [new(50 * Page, 150 * Page)]);

        memory.ElsewhereBytes.Should().Be(50 * Page);
        Reach(memory, ToNode0).Should().Be(50 * Page);
        memory.Apply(SchemeAction.WillNeed, [new(50 * Page, 150 * Page)]);
        memory.ElsewhereBytes.Should().Be(100 * Page);
        Reach(memory, ToNode0).Should().Be(100 * Page);
    }

    [Fact]
    public void Pages_that_a_filter_holds_back_are_not_moved()
    {
        using var memory = NewMemory();
        memory.SetBacking(1, isFileBacked: true);
        var filters = new PageFilters([new(SchemeFilterType.Anonymous, Matching: true, Allow: false)]);

        memory.Measure(ToNode1, All, ulong.MaxValue, out var reach, filters).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(All.End, 2 * Huge, FilteredBytes: 2 * Huge));
        memory.Apply(ToNode1, [All], filters).Should().Be(new ActionResult(ActionOutcome.Applied, 2 * Huge, 2 * Huge, SkippedBytes: 2 * Huge));
        (memory.NodeOf(0), memory.NodeOf(2 * Huge)).Should().Be((0, 1));
    }

    [Fact]
    public void Where_any_destination_will_do_what_lies_on_one_of_them_stays()
    {
        using var memory = NewMemory();
        var anywhere = new MemoryAction(SchemeAction.MigrateCold, [new(1), new(2)]) { AnyDestinationWillDo = true };
        memory.Apply(ToNode1, [All]);

        memory.Apply(anywhere, [All]).EffectBytes.Should().Be(0);
        memory.Apply(anywhere with { AnyDestinationWillDo = false }, [All]).EffectBytes.Should().BeGreaterThan(0);
    }

    [Fact]
    public void What_lies_elsewhere_is_free_on_node_0_and_not_on_the_machine()
    {
        using var memory = NewMemory();
        var machine = new SimulatedMachine(All.SizeBytes, () => memory.ResidentBytes, () => memory.ElsewhereBytes);
        memory.Apply(ToNode1, [new(0, Huge)]);

        machine.TryReadNode(0, out var node).Should().BeTrue();
        machine.TryReadMachine(out var all).Should().BeTrue();
        (node.FreeBytes, all.FreeBytes).Should().Be((Huge, 0UL));
        machine.TryReadNode(1, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(SchemeAction.Reclaim)]
    [InlineData(SchemeAction.HugePage)]
    [InlineData(SchemeAction.LruDeprio)]
    public void What_cannot_be_done_to_a_process_is_counted_and_refused(SchemeAction action)
    {
        using var memory = NewMemory();

        Reach(memory, action).Should().Be(All.SizeBytes);
        memory.Apply(action, [All]).Should().Be(new ActionResult(ActionOutcome.Unsupported, 0, 0));
        memory.LastError.Should().NotBeEmpty();
        memory.ResidentBytes.Should().Be(All.SizeBytes);
    }

    [Fact]
    public void The_bytes_elsewhere_are_those_of_the_pages_that_lie_there() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2047], Gen.Int[1, 600]).Array[1, 40].Sample(steps =>
        {
            using var memory = NewMemory();
            foreach (var (kind, from, count) in steps)
            {
                var range = new AddressRange((ulong)from * Page, (ulong)Math.Min(2048, from + count) * Page);
                memory.Apply(kind switch { 0 => ToNode1, 1 => ToNode0, 2 => SchemeAction.Pageout, _ => SchemeAction.WillNeed }, [range]);
            }

            memory.Measure(ToNode0, All, ulong.MaxValue, out var elsewhere);
            memory.ElsewhereBytes.Should().Be(elsewhere.ReachableBytes);
            memory.Measure(ToNode1, All, ulong.MaxValue, out var here);
            (elsewhere.ReachableBytes + here.ReachableBytes).Should().Be(memory.ResidentBytes);
        });

    private static SimulatedMemory NewMemory() => new([new AddressRange(0, 2 * Huge), new AddressRange(2 * Huge, 4 * Huge)], 0, new RandomSource(1));

    private static ulong Reach(SimulatedMemory memory, MemoryAction action)
    {
        memory.Measure(action, All, ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Applied);
        return reach.ReachableBytes;
    }
}
