using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Safety;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public sealed class RailedActorTests : IDisposable
{
    private const ulong MiB = RailPod.MiB;
    private static readonly AddressRange Range = new(4096, 4096 + (32 * MiB));

    private readonly RailPod _pod = new();
    private readonly ScriptedMemory _memory = new();

    public RailedActorTests() => _pod.Book.Track(_pod.Target, SafetyLimits.Default);

    [Fact]
    public void What_no_rail_holds_is_measured_and_done_and_noted()
    {
        using var actor = Actor();
        actor.Measure(SchemeAction.Pageout, Range, ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Applied);
        reach.ReachableBytes.Should().Be(32 * MiB);
        actor.Apply(SchemeAction.Pageout, [Range]).EffectBytes.Should().Be(32 * MiB);
        actor.LastError.Should().BeEmpty();
        _pod.Book.Node.OwnSwappedBytes.Should().Be(32 * MiB);
    }

    [Fact]
    public void Pressure_that_begins_between_measuring_and_acting_stops_the_action()
    {
        using var actor = Actor();
        actor.Measure(SchemeAction.Pageout, Range, ulong.MaxValue, out _).Should().Be(ActionOutcome.Applied);
        _pod.Host.Write(RailPod.Pod + "/memory.pressure", RailPod.Pressure(9));
        _pod.Wait(1);
        actor.Apply(SchemeAction.Pageout, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        actor.ReadResident(out _).Should().Be(ActionOutcome.Held);
        actor.LastError.Should().Be("Pressure");
        _memory.Applied.Should().BeEmpty();
    }

    [Fact]
    public void No_more_leaves_than_the_floor_allows()
    {
        _pod.Host.Write(RailPod.App + "/memory.current", $"{(64 * MiB) + 9000}\n");
        using var actor = Actor();
        actor.Measure(SchemeAction.Pageout, Range, ulong.MaxValue, out var reach);
        reach.ReachableBytes.Should().Be(9000);
        actor.Apply(SchemeAction.Pageout, [new AddressRange(0, 4096), Range]).AdvisedBytes.Should().Be(8192);
        _memory.Applied.Should().Equal(new AddressRange(0, 4096), new AddressRange(4096, 8192));
        actor.Apply(new MemoryAction(SchemeAction.Reclaim) { AmountBytes = 32 * MiB }, [Range]).Outcome.Should().Be(ActionOutcome.Nothing);
        _memory.Applied.Should().HaveCount(2, "808 bytes are left, which is no page");
    }

    [Theory]
    [InlineData(1, "1")]
    [InlineData(4, "4")]
    [InlineData(10, "4 4 2")]
    public void Reclaim_goes_in_steps_of_4_MiB_that_are_calls_of_their_own(int amount, string steps)
    {
        using var actor = Actor();

        var result = actor.Apply(Reclaim(amount), [Range]);

        result.Should().Be(new ActionResult(ActionOutcome.Applied, 32 * MiB, (ulong)amount * MiB), "all of the ranges was asked for");
        Steps().Should().Be(steps);
        _pod.Book.Node.OwnSwappedBytes.Should().Be((ulong)amount * MiB);
    }

    [Fact]
    public void Every_rail_is_asked_again_before_each_step_of_a_reclaim()
    {
        _memory.OnApply = () =>
        {
            if (_memory.Actions.Count == 2)
            {
                _pod.Host.Write(RailPod.Pod + "/memory.pressure", RailPod.Pressure(9));
                _pod.Wait(1);
            }
        };
        using var actor = Actor();

        actor.Apply(Reclaim(16), [Range]).Should().Be(new ActionResult(ActionOutcome.Partial, 16 * MiB, 8 * MiB), "half of the amount was asked for");

        (Steps(), actor.LastError).Should().Be(("4 4", "Pressure"));
    }

    [Fact]
    public void What_is_switched_off_between_two_steps_of_a_reclaim_ends_it()
    {
        using var actor = new RailedActor(_memory, _pod.Book, RailPod.Uid, RailPod.Container, time: _pod.Clock) { GoesOn = () => _memory.Actions.Count < 2 };

        actor.Apply(Reclaim(32), [Range]).Should().Be(new ActionResult(ActionOutcome.Partial, 8 * MiB, 8 * MiB));

        (Steps(), actor.LastError).Should().Be(("4 4", "Off"));
    }

    [Fact]
    public void A_reclaim_never_goes_below_the_floor_however_many_steps_it_has()
    {
        _pod.Host.Write(RailPod.App + "/memory.current", $"{73 * MiB}\n");
        using var actor = Actor();

        actor.Apply(Reclaim(32), [Range]).EffectBytes.Should().Be(9 * MiB, "64 MiB are kept");

        Steps().Should().Be("4 4 1");
    }

    [Fact]
    public void A_reclaim_of_many_steps_gives_the_loop_back_after_half_a_second()
    {
        using var actor = Actor();
        _memory.OnApply = () => _pod.Wait(0.2);

        actor.Apply(Reclaim(32), [Range]).Should().Be(new ActionResult(ActionOutcome.Applied, 12 * MiB, 12 * MiB));

        Steps().Should().Be("4 4 4");
    }

    // How the second step ends; how the whole does, and what it comes to.
    [Theory]
    [InlineData(ActionOutcome.NoEffect, ActionOutcome.Applied, 8)]
    [InlineData(ActionOutcome.TryAgain, ActionOutcome.Partial, 4)]
    [InlineData(ActionOutcome.Denied, ActionOutcome.Denied, 4)]
    [InlineData(ActionOutcome.Gone, ActionOutcome.Gone, 4)]
    public void A_step_that_finds_less_is_the_last(ActionOutcome second, ActionOutcome whole, int askedMiB)
    {
        _memory.OnApply = () =>
        {
            _memory.ApplyOutcome = _memory.Actions.Count == 2 ? second : null;
            _memory.Effectiveness = _memory.Actions.Count == 2 ? 0 : 1;
        };
        using var actor = Actor();

        actor.Apply(Reclaim(32), [Range]).Should().Be(new ActionResult(whole, (ulong)askedMiB * MiB, 4 * MiB));

        Steps().Should().Be("4 4");
    }

    // Swap in MiB and what of it is free; whether the kernel can spare anonymous memory; what each step says, and what counts as swapped out by us.
    [Theory]
    [InlineData(1000, 1000, true, "takes all")]
    [InlineData(1000, 100, true, "spares")]
    [InlineData(1000, 100, false, "held")]
    [InlineData(0, 0, true, "takes all")] // there is nowhere to take it to
    public void Where_swap_is_held_a_reclaim_spares_anonymous_memory_or_is_not_made(int swap, int free, bool canSpare, string expected)
    {
        _pod.Book.Dispose();
        _pod.Book = new RailBook(_pod.Host.Root, _pod.Clock, 4096, _pod.Plan, SafetyLimits.Default) { ReclaimSparesAnonymous = canSpare };
        _pod.Book.Track(_pod.Target, SafetyLimits.Default);
        _pod.Host.Write("/proc/meminfo", RailPod.Meminfo((ulong)swap, (ulong)free));
        _memory.Facts = _ => new PageFacts(PageFactKinds.Anonymous, IsAnonymous: true);
        using var actor = Actor();
        var measured = actor.Measure(SchemeAction.Reclaim, Range, ulong.MaxValue, out var reach);

        var outcome = actor.Apply(Reclaim(8), [Range]).Outcome;

        (outcome == ActionOutcome.Held ? "held" : _memory.Actions.TrueForAll(action => action.SparesAnonymous) ? "spares" : "takes all").Should().Be(expected);
        measured.Should().Be(outcome == ActionOutcome.Held ? ActionOutcome.Held : ActionOutcome.Applied, "a prediction is of what is done");
        reach.ReachableBytes.Should().Be(swap == free && swap > 0 ? Range.SizeBytes : 0, "what stays is not counted");
        _pod.Book.Node.OwnSwappedBytes.Should().Be(expected == "takes all" ? 8 * MiB : 0);
    }

    [Fact]
    public void A_step_that_does_not_come_back_is_the_last_and_its_pod_is_Stalled()
    {
        using var kernel = new ManualResetEventSlim();
        using var stalls = new StallGuard(_pod.Clock);
        _pod.Book.Dispose();
        _pod.Book = new RailBook(_pod.Host.Root, _pod.Clock, 4096, _pod.Plan, SafetyLimits.Default, stalls);
        _pod.Book.Track(_pod.Target, SafetyLimits.Default);
        var waited = 0;
        _memory.OnApply = () =>
        {
            while (_memory.Actions.Count == 2 && !kernel.WaitHandle.WaitOne(1))
            {
                _pod.Wait(waited++ < 100 ? 0.5 : 0);
            }
        };
        var actor = new RailedActor(_memory, _pod.Book, RailPod.Uid, RailPod.Container, stalls, time: _pod.Clock);
        ActionResult? late = null;

        var result = actor.Apply(Reclaim(32), [Range]);
        actor.WhenBack = back => late = back;

        result.Should().Be(new ActionResult(ActionOutcome.Partial, 4 * MiB, 4 * MiB));
        (actor.IsActing, actor.LastError).Should().Be((true, "a call into the kernel takes long"));
        SpinWait.SpinUntil(() => stalls.Occupied(RailPod.Uid) >= TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1)).Should().BeTrue();
        _pod.Book.Refresh();
        using var neighbour = new RailedActor(new ScriptedMemory(), _pod.Book, RailPod.Uid, RailPod.Container, stalls, time: _pod.Clock);
        neighbour.Apply(Reclaim(4), [Range]).Outcome.Should().Be(ActionOutcome.Held);
        neighbour.LastError.Should().Be("Stalled");

        kernel.Set();
        SpinWait.SpinUntil(() => stalls.Occupied(RailPod.Uid) is null, TimeSpan.FromMinutes(1)).Should().BeTrue();
        stalls.Tend();
        late.Should().Be(new ActionResult(ActionOutcome.Applied, 32 * MiB, 4 * MiB));
        (_memory.Actions.Count, _pod.Book.Node.OwnSwappedBytes).Should().Be((2, 8 * MiB));
        actor.Dispose();
    }

    [Fact]
    public void Where_swap_is_held_only_pages_of_files_leave()
    {
        _pod.Host.Write("/proc/meminfo", RailPod.Meminfo(0, 0));
        _memory.Facts = address => new PageFacts(PageFactKinds.Anonymous, IsAnonymous: address == 4096);
        using var actor = Actor();
        var two = new AddressRange(4096, 3 * 4096);
        actor.Measure(SchemeAction.Pageout, two, ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Applied);
        reach.ReachableBytes.Should().Be(4096);
        actor.Apply(SchemeAction.Pageout, [two]);
        _memory.Applied.Should().Equal(new AddressRange(2 * 4096, 3 * 4096));
    }

    [Fact]
    public void Where_no_filter_can_be_added_that_keeps_anonymous_memory_out_nothing_leaves()
    {
        _pod.Host.Write("/proc/meminfo", RailPod.Meminfo(0, 0));
        using var actor = Actor();
        var full = new PageFilters(Enumerable.Repeat(new SchemeFilter(SchemeFilterType.Young, true, false), PageFilters.MaxCount));
        actor.Apply(SchemeAction.Pageout, [Range], full).Outcome.Should().Be(ActionOutcome.Held);
        actor.LastError.Should().Be("NoSwap");
    }

    [Fact]
    public void With_a_stale_plan_it_is_measured_and_not_done()
    {
        using var actor = Actor();
        _pod.Wait(3601);
        actor.Measure(SchemeAction.Pageout, Range, ulong.MaxValue, out _).Should().Be(ActionOutcome.Applied);
        actor.Apply(SchemeAction.Pageout, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        actor.LastError.Should().Be("PlanStale");
    }

    [Fact]
    public void An_action_that_stalls_leaves_the_loop_free_and_is_noted_when_it_comes_back()
    {
        using var kernel = new ManualResetEventSlim();
        using var stalls = new StallGuard(new VirtualTime());
        var inner = new StallingMemory(_memory, kernel);
        var actor = new RailedActor(inner, _pod.Book, RailPod.Uid, RailPod.Container, stalls);
        actor.Apply(SchemeAction.Pageout, [Range]).Outcome.Should().Be(ActionOutcome.TryAgain);
        actor.Measure(SchemeAction.Pageout, Range, ulong.MaxValue, out _).Should().Be(ActionOutcome.Held);
        actor.Apply(SchemeAction.Pageout, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        using var neighbour = new RailedActor(new ScriptedMemory(), _pod.Book, RailPod.Uid, RailPod.Container, stalls);
        neighbour.Apply(SchemeAction.Pageout, [Range]).Outcome.Should().Be(ActionOutcome.Held, "one call at a time on a pod");
        actor.Dispose();
        _memory.IsDisposed.Should().BeFalse("the other thread uses it");

        kernel.Set();
        SpinWait.SpinUntil(() => stalls.Occupied(RailPod.Uid) is null, TimeSpan.FromMinutes(1)).Should().BeTrue();
        stalls.Tend();
        _pod.Book.Node.OwnSwappedBytes.Should().Be(32 * MiB);
        _memory.IsDisposed.Should().BeTrue();
    }

    public void Dispose()
    {
        _pod.Dispose();
        _memory.Dispose();
    }

    private static MemoryAction Reclaim(int amountMiB) => new(SchemeAction.Reclaim) { AmountBytes = (ulong)amountMiB * MiB };

    /// <summary>What each call asked for, in MiB.</summary>
    private string Steps() => string.Join(' ', _memory.Actions.Select(action => action.AmountBytes / MiB));

    private RailedActor Actor() => new(_memory, _pod.Book, RailPod.Uid, RailPod.Container, time: _pod.Clock);

    private sealed class StallingMemory(ScriptedMemory inner, ManualResetEventSlim kernel) : IMemoryActor
    {
        public string LastError => inner.LastError;

        public ActionOutcome ReadResident(out ulong residentBytes) => inner.ReadResident(out residentBytes);

        public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default) =>
            inner.Measure(action, range, maxBytes, out reach, filters);

        public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
        {
            kernel.WaitHandle.WaitOne();
            return inner.Apply(action, ranges, filters);
        }

        public void Dispose() => inner.Dispose();
    }
}
