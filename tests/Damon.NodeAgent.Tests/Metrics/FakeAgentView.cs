using System.Collections.Immutable;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Engine.Machine;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Tests.Metrics;

/// <summary>A view whose figures are set by hand, and figures of a node on which a bit of everything happens.</summary>
internal sealed class FakeAgentView : IAgentView
{
    public const ulong MiB = 1 << 20;

    public static readonly PodName Batch = new("batch", "worker-0");

    public AgentFigures? Figures { get; set; } = Busy();

    public long? LastTurn { get; set; }

    public Func<PodName, HeatmapAnswer> Heatmaps { get; set; } = _ => new HeatmapAnswer(HeatmapAvailability.Recording, null);

    public HeatmapAnswer AskHeatmap(PodName pod) => Heatmaps(pod);

    public static AgentFigures Busy() => new()
    {
        TakenAt = new DateTimeOffset(2026, 11, 23, 12, 0, 1, 500, TimeSpan.Zero),
        StartedAt = new DateTimeOffset(2026, 11, 23, 11, 0, 0, TimeSpan.Zero),
        Node = "node-1",
        Version = "0.1.0",
        Kernel = "6.12.48-amd64",
        HasPlan = true,
        Mode = ClusterMode.Enforce,
        Own = new OwnFigures { CpuTime = TimeSpan.FromSeconds(12.25), ResidentBytes = 41 * MiB, Probes = 1_234_567, CpuCeiling = 0.02, ProbesPerSecondCeiling = 6000, IntervalStretch = 1.5 },
        Memory = Histogram(800, 100, 50, 25, 12, 6, 3),
        Physical = new NodeFigures
        {
            Intervals = new Engine.Monitoring.MonitoringIntervals(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(60)),
            Stretch = 2,
            KernelCpuTime = TimeSpan.FromSeconds(3.5),
            Restarts = 1,
        },
        Sessions =
        [
            new SessionFigures
            {
                Backend = MonitoringBackend.IdlePage,
                Targets = 2,
                Regions = 140,
                Intervals = new Engine.Monitoring.MonitoringIntervals(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)),
                DetectionLatency = TimeSpan.FromSeconds(20),
            },
        ],
        Schemes =
        [
            new SchemeFigures
            {
                Name = "reclaim-cold-batch",
                Action = ActionType.Pageout,
                Mode = ClusterMode.Enforce,
                State = NodeSchemeState.Active,
                AppliedHash = "h1",
                Containers = 2,
                MatchedBytes = 46 * MiB,
                DetectionLatency = TimeSpan.FromSeconds(140),
                Effects = new SchemeEffects { AppliedBytes = 64 * MiB, WouldApplyBytes = 32 * MiB, RefaultBytes = MiB, WouldRefaultBytes = 2 * MiB, AwayBytes = 60 * MiB, NoEffectCalls = 1, FailedCalls = 2, ExhaustedWindows = 3 },
            },
            new SchemeFigures
            {
                Name = "sort-the-node",
                Action = ActionType.LruDeprio,
                Mode = ClusterMode.Enforce,
                State = NodeSchemeState.Backoff,
                Reason = "Pressure",
                AppliedHash = "h2",
                Containers = 3,
                MatchedBytes = 12 * MiB,
                Grants = 41,
                HeldContainers = 3,
            },
            new SchemeFigures { Name = "from-the-future", Mode = ClusterMode.Off, State = NodeSchemeState.Unsupported, Reason = "AgentTooOld" },
        ],
        Containers = new Dictionary<ContainerState, int> { [ContainerState.Monitored] = 2, [ContainerState.NotRunning] = 1, [ContainerState.Protected] = 4 },
        Rails = [new RailFigures(SafetyRail.Pressure, 3, TimeSpan.FromSeconds(121.5)), new RailFigures(SafetyRail.StartGrace, 2, TimeSpan.FromMinutes(10))],
        Pods =
        [
            new PodFigures { Pod = Batch, Uid = "u-1", Containers = 1, Targets = 1, Memory = Histogram(700, 60, 30, 15, 8, 4, 2), Effects = new SchemeEffects { AppliedBytes = 64 * MiB, RefaultBytes = MiB }, HeldBy = SafetyRail.Pressure },
            new PodFigures { Pod = new PodName("web", "front-1"), Uid = "u-2", Containers = 1, Targets = 1, Memory = Histogram(100, 40, 20, 10, 4, 2, 1), Effects = new SchemeEffects { WouldApplyBytes = 32 * MiB } },
        ],
    };

    public static IdleHistogram Histogram(ulong accessedMib, params ulong[] idleMib) => new(accessedMib * MiB, [.. idleMib.Select(mib => mib * MiB)]);
}
