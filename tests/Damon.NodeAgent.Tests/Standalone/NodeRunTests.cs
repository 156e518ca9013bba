using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Standalone;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Standalone;

public class NodeRunTests
{
    [Fact]
    public async Task A_run_ends_when_its_time_is_over_with_the_kdamond_off_and_the_kernel_given_back()
    {
        await using var world = new World { Duration = TimeSpan.FromSeconds(10) };
        var rounds = 0;

        world.Run(_ => rounds++, TestContext.Current.CancellationToken).Should().Be(RunEnd.Duration);

        rounds.Should().Be(10);
        world.Kdamond.IsOn.Should().BeFalse();
        (world.Taken, world.Released).Should().Be((1, 1));
    }

    [Fact]
    public async Task A_cancelled_run_gives_the_kernel_back()
    {
        await using var world = new World();
        using var cancelled = new CancellationTokenSource();

        world.Run(_ => cancelled.Cancel(), cancelled.Token).Should().Be(RunEnd.Interrupted);

        world.Kdamond.IsOn.Should().BeFalse();
        world.Released.Should().Be(1);
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_the_kernel_has_a_call_gives_it_back_after_the_call()
    {
        await using var world = new World();
        using var cancelled = new CancellationTokenSource();
        world.Kdamond.OnCommit = () =>
        {
            cancelled.Cancel();
            cancelled.Token.WaitHandle.WaitOne();
        };

        world.Run(_ => { }, cancelled.Token).Should().Be(RunEnd.Interrupted);

        world.Kdamond.IsOn.Should().BeFalse();
        world.Released.Should().Be(1);
    }

    [Fact]
    public async Task A_run_that_fails_in_the_middle_gives_the_kernel_back()
    {
        await using var world = new World();
        var act = () => world.Run(_ => throw new IOException("the terminal is gone"), TestContext.Current.CancellationToken);

        act.Should().Throw<IOException>();
        world.Kdamond.IsOn.Should().BeFalse();
        world.Released.Should().Be(1);
    }

    [Fact]
    public async Task A_kernel_that_is_somebody_elses_is_not_touched()
    {
        await using var world = new World { TakeError = new HostError(HostErrorKind.Busy, "kdamonds", "damon_stat") };

        world.Run(_ => { }, TestContext.Current.CancellationToken).Should().BeNull();

        world.LastRun!.LastOutcome.Should().Be(new KernelOutcome(KernelOutcomeKind.Busy, "damon_stat"));
        world.LastRun.HasStarted.Should().BeFalse();
        world.Kdamond.Context.Should().BeNull();
    }

    [Fact]
    public async Task A_kdamond_that_does_not_start_is_no_run()
    {
        await using var world = new World();
        world.Kdamond.Answer = new KernelOutcome(KernelOutcomeKind.Refused, "EINVAL");

        world.Run(_ => { }, TestContext.Current.CancellationToken).Should().BeNull();

        world.LastRun!.LastOutcome.Message.Should().Be("EINVAL");
        world.Released.Should().Be(1);
    }

    [Fact]
    public async Task An_interface_that_somebody_else_has_taken_ends_the_run()
    {
        await using var world = new World();
        var rounds = 0;

        var end = world.Run(
            _ =>
            {
                rounds++;
                world.Kdamond.Answer = new KernelOutcome(KernelOutcomeKind.Overwritten);
            },
            TestContext.Current.CancellationToken);

        end.Should().BeNull();
        world.LastRun!.HasStarted.Should().BeTrue();
        rounds.Should().BeLessThan(4);
    }

    private sealed class World : IAsyncDisposable, IKernelInterface
    {
        private readonly KernelWorker _worker = new(TimeProvider.System, KernelSensing.WorkerOptions);

        public RecordingKdamond Kdamond { get; } = new();

        public TimeSpan? Duration { get; init; }

        public HostError? TakeError { get; init; }

        public int Taken { get; private set; }

        public int Released { get; private set; }

        public NodeRun? LastRun { get; private set; }

        public RunEnd? Run(Action<NodeRun> onStep, CancellationToken cancellation)
        {
            var time = new VirtualTime();
            var scheme = new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern()) { Mode = SchemeMode.Enforce, Quota = new SchemeQuota { SizeBytes = 1 << 20 } };
            var plan = new KernelEnforcementPlan(KernelOperations.Paddr, MonitoringIntervals.Default, RegionLimits.Default, [scheme]) { NodeTargetsAllowed = true };
            LastRun = new NodeRun(
                new KernelSensing(this, _worker),
                kdamond => new KernelEnforcer(kdamond, new Everything(), plan, new Blind(), new Blind(), null, () => "", time),
                time,
                Duration);
            return LastRun.Run(onStep, cancellation);
        }

        public HostResult<IKdamond> Take()
        {
            Taken++;
            return TakeError is { } error ? error : Kdamond;
        }

        public KernelOutcome Release()
        {
            Released++;
            return KernelOutcome.Done;
        }

        public ValueTask DisposeAsync() => _worker.DisposeAsync();
    }

    private sealed class Everything : IKernelScope
    {
        public HostResult<KernelScope> Read() =>
            new KernelScope([new KernelTarget(0) { Ranges = [new AddressRange(0x1000, 0x2000)] }], [new EligibleCgroup("/a")], new Dictionary<int, IReadOnlyList<AddressRange>>());
    }

    private sealed class Blind : IEffectMeter, IKernelThreadClock
    {
        public bool CanMeasure(SchemeAction action) => false;

        public IReadOnlyDictionary<string, EffectLevel> ReadLevels(SchemeAction action, int? node, IReadOnlyList<EligibleCgroup> cgroups) => new Dictionary<string, EffectLevel>();

        public TimeSpan? Read(int pid) => null;
    }

    private sealed class RecordingKdamond : IKdamond
    {
        public KernelOutcome Answer { get; set; } = KernelOutcome.Done;

        public bool IsOn { get; private set; }

        public int Index => 0;

        public KernelFeatures Features { get; } = new()
        {
            Operations = new HashSet<KernelOperations> { KernelOperations.Paddr },
            Actions = new HashSet<SchemeAction> { SchemeAction.Stat, SchemeAction.Pageout },
            Filters = new HashSet<SchemeFilterType> { SchemeFilterType.Cgroup, SchemeFilterType.Young },
            HasFilterAllow = true,
            HasSnapshotLimit = true,
        };

        public KernelContext? Context { get; private set; }

        public KernelOutcome Start(KernelContext context)
        {
            IsOn = Answer.IsDone;
            return Commit(context);
        }

        public Action OnCommit { get; set; } = () => { };

        public KernelOutcome Commit(KernelContext context)
        {
            if (Context is not null)
            {
                OnCommit();
            }

            Context = Answer.IsDone ? context : Context;
            return Answer;
        }

        public KernelOutcome Stop()
        {
            IsOn = false;
            return KernelOutcome.Done;
        }

        public KernelOutcome Verify() => KernelOutcome.Done;

        public HostResult<KdamondState> ReadState() => new KdamondState(IsOn, IsOn ? 5 : -1);

        public HostResult<IReadOnlyList<IReadOnlyList<KernelRegion>>> ReadTriedRegions() => throw new NotSupportedException();

        public HostResult<IReadOnlyList<ulong>> ReadTriedBytes() => throw new NotSupportedException();

        public HostResult<IReadOnlyList<KernelSchemeStatistics>> ReadStatistics() => new KernelSchemeStatistics[Context!.Schemes.Count];

        public HostResult<IReadOnlyList<ulong>> ReadEffectiveQuotas() => throw new NotSupportedException();

        public HostResult<MonitoringIntervals> ReadIntervals() => MonitoringIntervals.Default;

        public KernelOutcome CommitGoals(KernelContext context) => throw new NotSupportedException();
    }
}
