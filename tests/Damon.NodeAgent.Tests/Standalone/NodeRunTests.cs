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
    public void A_run_ends_when_its_time_is_over_with_the_kdamond_off()
    {
        var kdamond = new RecordingKdamond();
        var rounds = 0;

        Run(kdamond, TimeSpan.FromSeconds(10)).Run(_ => rounds++, CancellationToken.None).Should().Be(RunEnd.Duration);

        rounds.Should().Be(10);
        kdamond.IsOn.Should().BeFalse();
    }

    [Fact]
    public void A_cancelled_run_turns_the_kdamond_off()
    {
        var kdamond = new RecordingKdamond();
        using var cancelled = new CancellationTokenSource();

        Run(kdamond, null).Run(_ => cancelled.Cancel(), cancelled.Token).Should().Be(RunEnd.Interrupted);

        kdamond.IsOn.Should().BeFalse();
    }

    [Fact]
    public void A_run_that_fails_in_the_middle_turns_the_kdamond_off()
    {
        var kdamond = new RecordingKdamond();
        var act = () => Run(kdamond, null).Run(_ => throw new IOException("the terminal is gone"), CancellationToken.None);

        act.Should().Throw<IOException>();
        kdamond.IsOn.Should().BeFalse();
    }

    [Fact]
    public void A_kdamond_that_does_not_start_is_no_run()
    {
        var kdamond = new RecordingKdamond { Answer = new KernelOutcome(KernelOutcomeKind.Busy, "damon_stat") };
        var run = Run(kdamond, null);

        run.Run(_ => { }, CancellationToken.None).Should().BeNull();

        run.LastOutcome.Message.Should().Be("damon_stat");
    }

    [Fact]
    public void An_interface_that_somebody_else_has_taken_ends_the_run()
    {
        var kdamond = new RecordingKdamond();
        var run = Run(kdamond, null);
        var rounds = 0;

        var end = run.Run(
            _ =>
            {
                rounds++;
                kdamond.Answer = new KernelOutcome(KernelOutcomeKind.Overwritten);
            },
            CancellationToken.None);

        end.Should().BeNull();
        rounds.Should().BeLessThan(4);
    }

    private static NodeRun Run(RecordingKdamond kdamond, TimeSpan? duration)
    {
        var time = new VirtualTime();
        var scheme = new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern()) { Mode = SchemeMode.Enforce, Quota = new SchemeQuota { SizeBytes = 1 << 20 } };
        var plan = new KernelEnforcementPlan(KernelOperations.Paddr, MonitoringIntervals.Default, RegionLimits.Default, [scheme]) { NodeTargetsAllowed = true };
        return new NodeRun(new KernelEnforcer(kdamond, new Everything(), plan, new Blind(), new Blind(), null, () => "", time), time, duration);
    }

    private sealed class Everything : IKernelScope
    {
        public HostResult<KernelScope> Read() =>
            new KernelScope([new KernelTarget(0) { Ranges = [new AddressRange(0x1000, 0x2000)] }], [new EligibleCgroup("/a")], new Dictionary<int, IReadOnlyList<AddressRange>>());
    }

    private sealed class Blind : IEffectMeter, IKernelThreadClock
    {
        public bool CanMeasure(SchemeAction action) => false;

        public IReadOnlyDictionary<string, long> ReadLevels(SchemeAction action, int? node, IReadOnlyList<EligibleCgroup> cgroups) => new Dictionary<string, long>();

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

        public KernelOutcome Commit(KernelContext context)
        {
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
