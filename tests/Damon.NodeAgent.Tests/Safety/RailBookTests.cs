using Damon.Engine.Schemes;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Tests.Safety;

public sealed class RailBookTests : IDisposable
{
    private const ulong MiB = RailPod.MiB;

    private readonly RailPod _pod = new();
    private readonly List<RailTransition> _transitions = [];

    [Fact]
    public void A_calm_pod_on_a_calm_node_may_be_acted_on_down_to_its_floor()
    {
        Track();
        Ask().Should().Be(new RailAnswer(null, "", 1, 960 * MiB));
        Ask(SchemeAction.Collapse).MaxBytes.Should().Be(ulong.MaxValue, "it takes no memory away");
        Transitions().Should().BeEmpty();
    }

    /// <summary>Each row: what goes wrong, and which rail holds page-out then.</summary>
    public static TheoryData<string, string, SafetyRail> Troubles => new()
    {
        { RailPod.Pod + "/memory.pressure", RailPod.Pressure(1.01), SafetyRail.Pressure },
        { RailPod.Pod + "/io.pressure", RailPod.Pressure(5.01), SafetyRail.IoPressure },
        { "/proc/pressure/memory", RailPod.Pressure(1.01), SafetyRail.Pressure },
        { "/proc/pressure/memory", RailPod.Pressure(11, 11, 11), SafetyRail.NodeEmergency },
        { RailPod.Pod + "/memory.pressure", RailPod.Pressure(11, 11, 11), SafetyRail.Emergency },
        { RailPod.Pod + "/memory.events", "oom_kill 1\n", SafetyRail.Emergency },
        { RailPod.Pod + "/memory.current", $"{64 * MiB}\n", SafetyRail.Floor },
        { RailPod.App + "/memory.current", $"{64 * MiB}\n", SafetyRail.Floor },
        { RailPod.App + "/memory.low", "max\n", SafetyRail.Floor },
        { RailPod.Pod + "/memory.pressure", "", SafetyRail.RailUnmeasurable },
        { RailPod.Pod + "/io.pressure", "some", SafetyRail.RailUnmeasurable },
        { RailPod.Pod + "/memory.stat", "anon 5\n", SafetyRail.RailUnmeasurable },
        { RailPod.Pod + "/memory.stat", "", SafetyRail.RailUnmeasurable },
        { RailPod.Pod + "/memory.events", "oom 5\n", SafetyRail.RailUnmeasurable },
        { "/proc/pressure/memory", "", SafetyRail.RailUnmeasurable },
        { RailPod.Pod + "/memory.current", "much\n", SafetyRail.RailUnmeasurable },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public void Every_rail_holds_the_action_and_is_counted_once(string path, string content, SafetyRail expected)
    {
        Track();
        Ask().IsAllowed.Should().BeTrue();
        _pod.Host.Write(path, content);
        _pod.Wait(31);

        var answer = Ask();
        (answer.HeldBy, answer.BudgetFactor, answer.MaxBytes).Should().Be((expected, 0, 0));
        answer.Reason.Should().NotBeEmpty();
        _pod.Wait(1);
        Ask().HeldBy.Should().Be(expected);
        _pod.Book.Log.Trips(expected).Should().BeOneOf([1, 2], "one rail of the pod or the node, and where a file serves two rails each of them");
        _pod.Book.Log.BackOff(expected).Should().BeGreaterThan(TimeSpan.Zero);
        Transitions().Where(transition => transition.Kind == RailTransitionKind.Held && transition.Rail == expected).Should().HaveCountLessThanOrEqualTo(2);
    }

    [Theory]
    [InlineData("/proc/meminfo", SafetyRail.SwapLow, SafetyRail.SwapLow)]
    [InlineData(RailPod.App + "/memory.swap.max", SafetyRail.NoSwap, null)]
    [InlineData(RailPod.Pod + "/memory.swap.max", SafetyRail.NoSwap, null)]
    public void Without_swap_file_backed_memory_may_go_all_the_same(string path, SafetyRail anonymous, SafetyRail? reclaim)
    {
        _pod.Host.Write(path, path == "/proc/meminfo" ? RailPod.Meminfo(1000, 100) : "0\n");
        Track();
        var answer = Ask();
        answer.IsAllowed.Should().BeTrue();
        answer.AnonymousHeldBy.Should().Be(anonymous);
        Ask(SchemeAction.Reclaim).HeldBy.Should().Be(reclaim, "the kernel would choose, and take from swap what there is");
        Ask(SchemeAction.MigrateCold).AllowsAnonymous.Should().BeTrue();
    }

    [Fact]
    public void A_kernel_that_can_spare_anonymous_memory_reclaims_pages_of_files_where_swap_is_held()
    {
        _pod.Book.Dispose();
        _pod.Book = new RailBook(_pod.Host.Root, _pod.Clock, 4096, _pod.Plan, SafetyLimits.Default) { ReclaimSparesAnonymous = true };
        _pod.Host.Write("/proc/meminfo", RailPod.Meminfo(1000, 100));
        Track();

        Ask(SchemeAction.Reclaim).Should().Match<RailAnswer>(answer => answer.IsAllowed && answer.AnonymousHeldBy == SafetyRail.SwapLow);
    }

    [Fact]
    public void Pressure_passes_over_half_the_budget_to_the_whole_and_each_change_is_told_once()
    {
        Track();
        Ask();
        _pod.Host.Write(RailPod.Pod + "/memory.pressure", RailPod.Pressure(9));
        _pod.Wait(1);
        Ask().HeldBy.Should().Be(SafetyRail.Pressure);
        _pod.Host.Write(RailPod.Pod + "/memory.pressure", RailPod.Pressure());
        _pod.Wait(120);
        Ask().Should().BeEquivalentTo(new { HeldBy = (SafetyRail?)null, BudgetFactor = 0.5, MaxBytes = 960 * MiB });
        _pod.Wait(120);
        Ask().BudgetFactor.Should().Be(1);

        Transitions().Select(transition => (transition.PodUid, transition.Rail, transition.Kind)).Should().Equal(
            (RailPod.Uid, SafetyRail.Pressure, RailTransitionKind.Held), (RailPod.Uid, SafetyRail.Pressure, RailTransitionKind.Lifted));
        _pod.Book.Log.Trips(SafetyRail.Pressure).Should().Be(1);
        _pod.Book.Log.BackOff(SafetyRail.Pressure).Should().Be(TimeSpan.FromSeconds(120));
    }

    [Fact]
    public void Of_two_smaller_budgets_the_smaller_one_counts_and_not_their_product()
    {
        Track();
        Ask();
        _pod.Host.Write(RailPod.Pod + "/memory.pressure", RailPod.Pressure(9)).Write("/proc/pressure/memory", RailPod.Pressure(9));
        _pod.Wait(1);
        _pod.Book.Refresh();
        _pod.Host.Write(RailPod.Pod + "/memory.pressure", RailPod.Pressure()).Write("/proc/pressure/memory", RailPod.Pressure());
        _pod.Wait(121);
        _pod.Book.Refresh();
        _pod.Book.Node.Pressure.BudgetFactor.Should().Be(0.5);
        Ask().BudgetFactor.Should().Be(0.5);
    }

    [Fact]
    public void Refaults_of_what_we_took_halve_the_pods_budget()
    {
        Track();
        Ask();
        _pod.Book.Record(RailPod.Uid, RailPod.Container, 10 * MiB, 0);
        _pod.Host.Write(RailPod.Pod + "/memory.stat", RailPod.Stat(129));
        _pod.Wait(10);
        Ask().BudgetFactor.Should().Be(0.5, "129 pages are more than 5 % of 10 MiB");
        _pod.Book.Log.Trips(SafetyRail.Refault).Should().Be(1);
        Transitions().Should().ContainSingle().Which.Kind.Should().Be(RailTransitionKind.Reduced);
    }

    [Fact]
    public void What_has_just_left_is_taken_off_what_may_still_go()
    {
        Track();
        Ask().MaxBytes.Should().Be(960 * MiB);
        _pod.Book.Record(RailPod.Uid, RailPod.Container, 900 * MiB, 20 * MiB);
        Ask().MaxBytes.Should().Be(40 * MiB);
    }

    [Fact]
    public void The_request_keeps_half_of_itself_and_may_change_while_the_pod_runs()
    {
        Track();
        _pod.Book.Track(_pod.Target with { MemoryRequestBytes = 1000 * MiB }, SafetyLimits.Default);
        Ask().MaxBytes.Should().Be(524 * MiB);
    }

    [Fact]
    public void A_container_that_has_just_started_is_left_alone_and_its_neighbour_is_not()
    {
        var target = _pod.Target;
        _pod.Book.Track(target with { Containers = [.. target.Containers, new RailContainer("c2", RailPod.App, 0, _pod.Clock.GetUtcNow())] }, SafetyLimits.Default);
        Ask().IsAllowed.Should().BeTrue();
        _pod.Book.Check(RailPod.Uid, "c2", SchemeAction.Pageout).HeldBy.Should().Be(SafetyRail.StartGrace);
        Transitions().Should().BeEmpty("a start is nothing that went wrong");
    }

    [Fact]
    public void A_stale_plan_is_observed_on_and_off_holds_everything_at_once()
    {
        Track();
        _pod.Wait(3601);
        Ask().Should().BeEquivalentTo(new { HeldBy = (SafetyRail?)null, EnforceHeldBy = SafetyRail.PlanStale });
        _pod.Plan.Contact();
        Ask().EnforceHeldBy.Should().BeNull();
        _pod.Plan.IsOff = true;
        Ask().HeldBy.Should().Be(SafetyRail.Off);
    }

    [Fact]
    public void A_call_that_has_not_come_back_for_30_s_stops_its_pod()
    {
        using var stalls = new StallGuard(_pod.Clock);
        using var kernel = new ManualResetEventSlim();
        _pod.Book.Dispose();
        _pod.Book = new RailBook(_pod.Host.Root, _pod.Clock, 4096, _pod.Plan, SafetyLimits.Default, stalls);
        Track();
        stalls.Run(RailPod.Uid, () => kernel.WaitHandle.WaitOne(), TimeSpan.Zero, null, out _).Should().Be(StallOutcome.Late);
        _pod.Wait(29);
        Ask().IsAllowed.Should().BeTrue();
        _pod.Wait(1);
        Ask().HeldBy.Should().Be(SafetyRail.Stalled);

        kernel.Set();
        SpinWait.SpinUntil(() => stalls.Occupied(RailPod.Uid) is null, TimeSpan.FromMinutes(1)).Should().BeTrue();
        _pod.Wait(120);
        Ask().Should().BeEquivalentTo(new { HeldBy = (SafetyRail?)null, BudgetFactor = 0.5 });
    }

    [Fact]
    public void A_pod_that_is_gone_or_was_never_there_is_held_and_no_trip()
    {
        Ask().HeldBy.Should().Be(SafetyRail.TargetGone);
        var pod = Track();
        Ask().IsAllowed.Should().BeTrue();
        _pod.Book.Check(RailPod.Uid, "another", SchemeAction.Pageout).HeldBy.Should().Be(SafetyRail.TargetGone);

        _pod.Host.Remove(RailPod.App);
        _pod.Wait(1);
        Ask().HeldBy.Should().Be(SafetyRail.TargetGone);
        pod.IsGone.Should().BeFalse("its container ended alone");

        _pod.Host.Remove(RailPod.Pod);
        _pod.Wait(1);
        Ask().HeldBy.Should().Be(SafetyRail.TargetGone);
        pod.IsGone.Should().BeTrue();
        Transitions().Should().BeEmpty();
        _pod.Book.Forget(RailPod.Uid);
        _pod.Book.Pods.Should().Be(0);
    }

    [Fact]
    public void Another_group_under_the_pods_name_is_not_the_pod()
    {
        var target = Track().Target;
        _pod.Host.Remove(RailPod.Pod).MakeDirectory(RailPod.Pod + "/other");
        _pod.Book.Forget(RailPod.Uid);
        Track(target);
        Ask().HeldBy.Should().Be(SafetyRail.TargetGone);
    }

    [Fact]
    public void Accepted_what_cannot_be_measured_holds_nothing()
    {
        foreach (var file in (string[])["memory.pressure", "io.pressure", "memory.stat", "memory.events", "memory.current"])
        {
            _pod.Host.Remove($"{RailPod.Pod}/{file}").Remove($"{RailPod.App}/{file}");
        }

        _pod.Host.Remove("/proc/pressure/memory").Remove("/proc/vmstat");
        Track();
        Ask().HeldBy.Should().Be(SafetyRail.RailUnmeasurable);

        var accepting = SafetyLimits.Default with { AcceptsUnmeasurable = true };
        _pod.Book.Node.Limits = accepting;
        _pod.Book.Track(_pod.Target, accepting);
        _pod.Wait(11);
        Ask().HeldBy.Should().NotBe(SafetyRail.RailUnmeasurable);
    }

    [Fact]
    public void Asking_often_reads_once_a_second()
    {
        Track();
        Ask();
        _pod.Host.Write(RailPod.Pod + "/memory.pressure", RailPod.Pressure(9));
        _pod.Wait(0.99);
        Ask().IsAllowed.Should().BeTrue();
        _pod.Wait(0.01);
        Ask().IsAllowed.Should().BeFalse();
    }

    [Fact]
    public void Rails_of_110_pods_allocate_next_to_nothing_in_the_steady_state()
    {
        for (var i = 0; i < 110; i++)
        {
            _pod.Book.Track(_pod.Target with { PodUid = $"pod{i}" }, SafetyLimits.Default);
        }

        for (var i = 0; i < 30; i++)
        {
            _pod.Wait(1);
            _pod.Book.Refresh();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            _pod.Book.Refresh();
        }

        var idle = GC.GetAllocatedBytesForCurrentThread() - before;
        _pod.Wait(1);
        before = GC.GetAllocatedBytesForCurrentThread();
        _pod.Book.Refresh();
        var second = GC.GetAllocatedBytesForCurrentThread() - before;
        idle.Should().BeLessThan(4096);
        second.Should().BeLessThan(110 * 1024, "a kilobyte for each pod");
    }

    public void Dispose() => _pod.Dispose();

    private PodRails Track(RailTarget? target = null) => _pod.Book.Track(target ?? _pod.Target, SafetyLimits.Default);

    private RailAnswer Ask(SchemeAction action = SchemeAction.Pageout) => _pod.Book.Check(RailPod.Uid, RailPod.Container, action);

    private List<RailTransition> Transitions()
    {
        _pod.Book.Log.TakeTransitions(_transitions);
        return _transitions;
    }
}
