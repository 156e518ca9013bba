using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Ledger;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Tests.Ledger;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>Moves between memory nodes: written down before they are made, owed as far as they may have been made, and led back from there.</summary>
public sealed class ContainerActorTests : IDisposable
{
    private const ulong Page = 4096;
    private static readonly ProcessIdentity Process = new(7, 1);
    private static readonly AddressRange Range = new(0x10000, 0x20000);
    private static readonly MemoryAction ToNode1 = new(SchemeAction.MigrateCold, [new(1)]);

    private readonly RailPod _pod = new();
    private readonly LoopWorld _world = new();
    private readonly ScriptedMemory _memory = new();
    private readonly FakePlaces _places = new();
    private readonly FakeLedgerDisk _disk = new(new CrashPoint(), length => length);
    private readonly ChangeLedger _ledger;

    public ContainerActorTests()
    {
        _pod.Host.Write(RailPod.App + "/cpuset.mems.effective", "0-2\n").Write("/proc/zoneinfo", LoopWorld.Zones(1000)).Write("/proc/7/numa_maps", "10000 default\n").Write("/proc/7/maps", "");
        _pod.Book.Track(_pod.Target, SafetyLimits.Default);
        _ledger = ChangeLedger.Open(_disk, _pod.Clock, "boot").Value;
        _world.PlacesOf = process => process == Process ? _places : null;
    }

    [Fact]
    public void A_move_is_written_down_before_it_is_made_for_each_part_of_one_node()
    {
        // Pages 0 and 1 on node 0, page 2 on node 1 already, page 3 on node 2, nothing behind.
        _places.NodeOf = page => page switch { < 0x12000 => 0, < 0x13000 => 1, < 0x14000 => 2, _ => null };
        var before = 0;
        using var actor = Actor(new Observed(_memory, () => before = Reopened().Count));

        var result = actor.Apply(ToNode1, [Range]);

        before.Should().Be(2, "a successor of an agent that is killed in the call knows of it");
        _memory.Applied.Should().Equal(new AddressRange(0x10000, 0x12000), new AddressRange(0x13000, 0x14000));
        result.Should().Be(new ActionResult(ActionOutcome.Applied, 3 * Page, 3 * Page, SkippedBytes: 13 * Page));
        _ledger.OwedChanges.Should().Equal(Owed(0x10000, 0x12000, 0, 1), Owed(0x13000, 0x14000, 2, 1));
    }

    [Fact]
    public void What_leads_back_is_followed_by_whoever_comes_next()
    {
        using (var actor = Actor(_memory))
        {
            actor.Apply(new MemoryAction(SchemeAction.MigrateCold, [new(1), new(2)]), [Range]);
        }

        using var successor = ChangeLedger.Open(new FakeLedgerDisk(new CrashPoint(), length => length) { Content = _disk.Content }, _pod.Clock, "boot").Value;
        successor.IsDamaged.Should().BeFalse();
        using var mover = new ScriptedMemory();
        successor.Undo(LedgerScope.All, new HostChangeUndo(_pod.Host.Root, _pod.Clock, _ => mover)).Undone.Should().Be(1);
        mover.Actions.Should().Equal(new MemoryAction(SchemeAction.MigrateCold, [new(0, 1)]));
        mover.Applied.Should().Equal(Range);
    }

    // How the kernel's answer ends the call, what it had moved by then, and whether it is owed.
    [Theory]
    [InlineData(ActionOutcome.Applied, 4, true)]
    [InlineData(ActionOutcome.Partial, 2, true)]
    [InlineData(ActionOutcome.Denied, 2, true)]
    [InlineData(ActionOutcome.Unsupported, 1, true)]
    [InlineData(ActionOutcome.TryAgain, 1, true)]
    [InlineData(ActionOutcome.Failed, 1, true)]
    [InlineData(ActionOutcome.NoEffect, 0, false)]
    [InlineData(ActionOutcome.TryAgain, 0, false)]
    [InlineData(ActionOutcome.Denied, 0, false)]
    [InlineData(ActionOutcome.Gone, 0, false)]
    public void Whatever_may_have_been_moved_is_owed_however_the_call_ended(ActionOutcome outcome, int pages, bool isOwed)
    {
        using var actor = Actor(new Observed(_memory, () => { }) { Result = new ActionResult(outcome, (ulong)pages * Page, (ulong)pages * Page) });

        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(outcome);

        _ledger.Count.Should().Be(isOwed ? 1 : 0);
        Reopened().Should().HaveCount(isOwed ? 1 : 0);
    }

    [Theory]
    [InlineData(HostErrorKind.Vanished, ActionOutcome.Gone)]
    [InlineData(HostErrorKind.Denied, ActionOutcome.Denied)]
    [InlineData(HostErrorKind.Unsupported, ActionOutcome.Unsupported)]
    [InlineData(HostErrorKind.TryAgain, ActionOutcome.TryAgain)]
    [InlineData(HostErrorKind.Failed, ActionOutcome.Failed)]
    public void Where_it_cannot_be_known_where_pages_lie_nothing_is_moved(HostErrorKind error, ActionOutcome expected)
    {
        _places.Error = new HostError(error, "process 7", "why");
        using var actor = Actor(_memory);

        actor.Apply(ToNode1, [Range]).Should().Be(new ActionResult(expected, 0, 0));

        actor.LastError.Should().Be($"process 7: {error}: why");
        (_ledger.Count, _memory.Applied.Count).Should().Be((0, 0));
    }

    [Fact]
    public void Where_nothing_says_where_pages_lie_nothing_is_moved()
    {
        _world.PlacesOf = _ => null;
        using var actor = Actor(_memory);
        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        (actor.LastError, _memory.Applied.Count).Should().Be(("NoLedger", 0));
    }

    [Fact]
    public void What_the_ledger_cannot_take_is_not_moved()
    {
        _disk.IsFull = true;
        using var actor = Actor(_memory);
        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        (actor.LastError, _memory.Applied.Count, _ledger.Count).Should().Be(("NoLedger", 0, 0));
    }

    [Fact]
    public void What_a_rail_holds_is_not_looked_at_and_not_written_down()
    {
        _pod.Host.Write("/proc/zoneinfo", LoopWorld.Zones(0));
        using var actor = Actor(_memory);

        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.Held);

        actor.LastError.Should().Be("Placement");
        (_places.Asked.Count, _memory.Applied.Count, _disk.Writes).Should().Be((0, 0, 0));
    }

    [Fact]
    public void Bound_mappings_are_not_written_down_either()
    {
        _pod.Host.Write("/proc/7/numa_maps", "12000 bind:0\n").Write("/proc/7/maps", "12000-14000 rw-p 00000000 00:00 0\n");
        using var actor = Actor(_memory);
        actor.Apply(ToNode1, [Range]);
        _ledger.OwedChanges.Should().Equal(Owed(0x10000, 0x12000, 0, 1), Owed(0x14000, 0x20000, 0, 1));
    }

    [Fact]
    public void No_more_is_written_down_than_there_is_room_for()
    {
        _pod.Host.Write("/proc/zoneinfo", LoopWorld.Zones(3));
        using var actor = Actor(_memory);
        actor.Apply(ToNode1, [Range]).EffectBytes.Should().Be(3 * Page);
        _ledger.OwedChanges.Should().Equal(Owed(0x10000, 0x13000, 0, 1));
    }

    [Fact]
    public void What_lies_where_it_belongs_is_not_written_down()
    {
        _places.NodeOf = _ => 1;
        using var actor = Actor(_memory);
        actor.Apply(ToNode1, [Range]).Should().Be(new ActionResult(ActionOutcome.NoEffect, 0, 0, SkippedBytes: Range.SizeBytes));
        (_memory.Actions.Count, _disk.Writes).Should().Be((0, 0));
    }

    [Fact]
    public void What_one_look_does_not_come_to_is_looked_at_by_the_next_ones()
    {
        // Pages 0 to 11 lie where they belong: a look that always began with them would never come further.
        _places.NodeOf = page => page < 0x1c000 ? 1 : 0;
        _places.MaxPages = 5;
        using var actor = Actor(_memory);

        var results = Enumerable.Range(0, 5).Select(_ => actor.Apply(ToNode1, [Range]).EffectBytes / Page).ToList();

        results.Should().Equal(0UL, 0UL, 3UL, 1UL, 0UL);
        _places.Asked.Select(ranges => ranges[0].Start).Should().Equal(0x10000UL, 0x15000UL, 0x1a000UL, 0x1f000UL, 0x10000UL);
        _memory.Applied.Should().Equal(new AddressRange(0x1c000, 0x1f000), new AddressRange(0x1f000, 0x20000));

        // Other ranges that lie wholly in front of where it stopped begin at their own start.
        actor.Apply(ToNode1, [new AddressRange(0x1000, 0x2000)]);
        _places.Asked[^1].Should().Equal(new AddressRange(0x1000, 0x2000));
    }

    [Fact]
    public void A_move_that_comes_back_late_is_owed_until_then_and_as_far_as_it_went_afterwards()
    {
        using var kernel = new ManualResetEventSlim();
        var clock = new FakeTimeProvider();
        using var stalls = new StallGuard(clock);
        foreach (var moved in (ulong[])[0, Page])
        {
            kernel.Reset();
            var actor = Actor(new Observed(_memory, () => Stall(kernel, clock)) { Result = new ActionResult(moved == 0 ? ActionOutcome.NoEffect : ActionOutcome.Partial, moved, moved) }, stalls);
            actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.TryAgain);
            _ledger.Count.Should().Be(1);
            Reopened().Should().ContainSingle();
            actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.Held);
            _ledger.Count.Should().Be(1);

            kernel.Set();
            SpinWait.SpinUntil(() => stalls.Occupied(RailPod.Uid) is null, TimeSpan.FromMinutes(1)).Should().BeTrue();
            stalls.Tend();
            actor.Dispose();

            _ledger.Count.Should().Be(moved == 0 ? 0 : 1);
        }
    }

    [Fact]
    public void What_a_reclaim_that_comes_back_late_took_counts_against_the_nodes_ceiling_and_is_told_as_irreversible()
    {
        using var kernel = new ManualResetEventSlim();
        var clock = new FakeTimeProvider();
        using var stalls = new StallGuard(clock);
        var ceiling = new ReclaimCeiling(_pod.Clock) { MaxBytes = 4 * Page };
        using var actor = Actor(new Observed(_memory, () => Stall(kernel, clock)) { Result = new ActionResult(ActionOutcome.Partial, Range.SizeBytes, 3 * Page) }, stalls, ceiling);
        var action = new MemoryAction(SchemeAction.Reclaim) { AmountBytes = 8 * Page };

        actor.Apply(action, [Range]).Outcome.Should().Be(ActionOutcome.TryAgain);
        ceiling.LeftBytes.Should().Be(4 * Page);

        kernel.Set();
        SpinWait.SpinUntil(() => stalls.Occupied(RailPod.Uid) is null, TimeSpan.FromMinutes(1)).Should().BeTrue();
        stalls.Tend();
        ceiling.LeftBytes.Should().Be(Page);
        _ledger.Undo(new LedgerScope("u-move"), _world).Irreversible.Should().Equal(new Dictionary<SchemeAction, ulong> { [SchemeAction.Reclaim] = 3 * Page });
        actor.Apply(action, [Range]).EffectBytes.Should().Be(3 * Page);
        actor.Apply(action, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        actor.LastError.Should().Be("ReclaimPerNode");
    }

    [Fact]
    public void A_look_that_comes_back_late_moves_nothing()
    {
        using var kernel = new ManualResetEventSlim();
        var clock = new FakeTimeProvider();
        using var stalls = new StallGuard(clock);
        _places.OnFind = () => Stall(kernel, clock);
        using var actor = Actor(_memory, stalls);

        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.TryAgain);
        actor.LastError.Should().Be("a call into the kernel takes long");
        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        kernel.Set();
        SpinWait.SpinUntil(() => stalls.Occupied(RailPod.Uid) is null, TimeSpan.FromMinutes(1)).Should().BeTrue();
        stalls.Tend();

        (_ledger.Count, _memory.Applied.Count).Should().Be((0, 0));
        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.Applied);
        _ledger.Count.Should().Be(1);
    }

    public void Dispose()
    {
        _ledger.Dispose();
        _world.Dispose();
        _pod.Dispose();
        _memory.Dispose();
    }

    /// <summary>A call that the kernel does not come back from until it is told to, whoever's patience ends meanwhile.</summary>
    private static void Stall(ManualResetEventSlim kernel, FakeTimeProvider clock)
    {
        while (!kernel.WaitHandle.WaitOne(1))
        {
            clock.Advance(TimeSpan.FromSeconds(2));
        }
    }

    private static PageMove Owed(ulong start, ulong end, int from, int to) => new("u-move", RailPod.Uid, Process, new AddressRange(start, end), from, to);

    /// <summary>What a successor would find owed now.</summary>
    private List<LedgerChange> Reopened()
    {
        using var ledger = ChangeLedger.Open(new FakeLedgerDisk(new CrashPoint(), length => length) { Content = _disk.Content }, _pod.Clock, "boot").Value;
        return [.. ledger.OwedChanges];
    }

    private ContainerActor Actor(IMemoryActor memory, StallGuard? stalls = null, ReclaimCeiling? ceiling = null)
    {
        var container = new ServedContainer(new ContainerMemory(RailPod.Uid, "shop", "pod", "app", ContainerKind.App, RailPod.Container, null, null, [Process], 0, 0));
        container.Enforcers[SchemeAction.MigrateCold] = "u-move";
        container.Enforcers[SchemeAction.Reclaim] = "u-move";
        var gate = new ActionGate(_world.Inbox, _world, _ledger, ceiling ?? new ReclaimCeiling(_pod.Clock), new FaultBook(_pod.Clock, _world));
        return new ContainerActor(new RailedActor(memory, _pod.Book, RailPod.Uid, RailPod.Container, stalls, Process, _pod.Clock), Process, container, gate);
    }

    /// <summary>Runs something before each action, and may give a result of its own.</summary>
    private sealed class Observed(IMemoryActor inner, Action before) : IMemoryActor
    {
        public ActionResult? Result { get; init; }

        public string LastError => inner.LastError;

        public ActionOutcome ReadResident(out ulong residentBytes) => inner.ReadResident(out residentBytes);

        public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default) =>
            inner.Measure(action, range, maxBytes, out reach, filters);

        public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
        {
            before();
            return Result ?? inner.Apply(action, ranges, filters);
        }

        public void Dispose() => inner.Dispose();
    }
}
