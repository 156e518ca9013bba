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
        actor.Apply(SchemeAction.Reclaim, [Range]);
        _memory.Applied.Should().HaveCount(2, "808 bytes are left, which is no page");
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

    private RailedActor Actor() => new(_memory, _pod.Book, RailPod.Uid, RailPod.Container);

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
