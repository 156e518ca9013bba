using Damon.Api.Clusters;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <content>The figures that metrics, snapshots and heatmaps are made of.</content>
internal sealed partial class NodeLoop : IAgentView
{
    private const long NoTurn = long.MinValue;

    private readonly PodHeatmaps _heatmaps;
    private readonly PodBook _book;
    private readonly DateTimeOffset _startedAt;
    private IReadOnlyList<MissingContainer> _missing = [];
    private AgentFigures? _figures;
    private long _lastTurn = NoTurn;
    private ulong _probesOfEnded;
    private ulong _ownResidentBytes;

    /// <inheritdoc/>
    public AgentFigures? Figures => Volatile.Read(ref _figures);

    /// <inheritdoc/>
    public long? LastTurn => Volatile.Read(ref _lastTurn) is var at && at != NoTurn ? at : null;

    /// <inheritdoc/>
    public HeatmapAnswer AskHeatmap(PodName pod) => _heatmaps.Ask(pod);

    /// <summary>Takes in what schemes did until now, before any of them changes or the session ends.</summary>
    private void TakeReadings()
    {
        var session = Session;
        foreach (var entry in _schemes.Where(entry => !IsOfNode(entry)))
        {
            if (session?.Schemes.FirstOrDefault(scheme => scheme.Description.Name == entry.Planned.Uid) is { } run)
            {
                entry.Meter.Take(run.Description.Mode == Engine.Schemes.SchemeMode.Enforce, EffectReading.Of(run.Statistics));
            }
            else
            {
                entry.Meter.EndSession();
            }
        }

        if (session is not null)
        {
            _book.Take(session);
        }
    }

    private void PublishFigures()
    {
        TakeReadings();
        _book.Keep(_followedPods);
        _heatmaps.Publish(_time.GetUtcNow());
        var (all, byPod) = Histograms();
        var ceilings = _intake.Rules.Spec.Ceilings;
        var figures = new AgentFigures
        {
            TakenAt = _time.GetUtcNow(),
            StartedAt = _startedAt,
            Node = _options.NodeName,
            Version = _options.AgentVersion,
            Kernel = _backends.Facts.Kernel.Text,
            HasPlan = _intake.Plan.IsKnown,
            Mode = ModeOfNode(),
            Own = new OwnFigures
            {
                CpuTime = _options.OwnCpu(),
                ResidentBytes = _ownResidentBytes,
                Probes = _probesOfEnded + (_driver?.Probes ?? 0),
                CpuCeiling = CpuCeiling,
                ProbesPerSecondCeiling = ceilings.ProbesPerSecond,
                IntervalStretch = _costDecision.Stretch,
            },
            Memory = all,
            Physical = FiguresOfNode(),
            Sessions = Session is { } session && _backend is { } backend
                ? [new SessionFigures
                {
                    Backend = backend,
                    Targets = session.Targets.Count,
                    Regions = session.RegionCount,
                    Intervals = session.Intervals,
                    DetectionLatency = DetectionLatency.Of(session.Intervals),
                }]
                : [],
            Schemes = [.. _schemes.Select(FiguresOf)],
            Containers = CountContainers(),
            Rails = [.. AllRails.Select(rail => new RailFigures(rail, _rails.Log.Trips(rail), _rails.Log.BackOff(rail))).Where(one => one.Trips > 0 || one.BackOff > TimeSpan.Zero)],
            Pods = [.. _followedPods.Values.Select(pod => FiguresOf(pod, byPod.GetValueOrDefault(pod.Record.Uid)?.Build() ?? IdleHistogram.Empty))],
        };
        Volatile.Write(ref _figures, figures);
    }

    /// <summary>The smallest of what the cluster, the node and the contact to the API server allow; schemes may go less far.</summary>
    private ClusterMode ModeOfNode()
    {
        if (_isPaused)
        {
            return ClusterMode.Off;
        }

        var mode = _intake.Rules.Mode < _intake.Plan.Mode ? _intake.Rules.Mode : _intake.Plan.Mode;
        var isSilent = _intake.Contact.Silence >= _intake.Rules.Spec.Safety.ApiLossGrace.ToTimeSpan();
        return isSilent && mode > ClusterMode.Observe ? ClusterMode.Observe : mode;
    }

    private SchemeFigures FiguresOf(SchemeEntry entry)
    {
        var run = entry.Description is null ? null : Session?.Schemes.FirstOrDefault(scheme => scheme.Description.Name == entry.Planned.Uid);
        var (state, reason, _) = StateOf(entry, run);
        return new SchemeFigures
        {
            Name = entry.Planned.Name,
            Action = entry.Planned.Scheme?.Spec.Action.Type,
            Mode = entry.Reason.Length > 0 ? ClusterMode.Off : entry.Decision.Mode,
            State = state,
            Reason = reason,
            AppliedHash = entry.Planned.Hash,
            Containers = entry.Containers.Count,
            MatchedBytes = run?.Statistics.MatchedNowBytes ?? (entry.OfNode is null ? 0 : _nodeStatuses.GetValueOrDefault(entry.Planned.Uid)?.MatchedNowBytes ?? 0),
            DetectionLatency = LatencyOf(entry, run),
            Effects = entry.Meter.Effects,
            Grants = entry.OfNode is null ? null : _nodeStatuses.GetValueOrDefault(entry.Planned.Uid)?.Grants ?? 0,
            HeldContainers = entry.OfNode is null ? null : entry.NodeHold.Held,
        };
    }

    private PodFigures FiguresOf(FollowedPod pod, IdleHistogram memory) => new()
    {
        Pod = new PodName(pod.Record.Namespace, pod.Record.Name),
        Uid = pod.Record.Uid,
        Containers = pod.Containers.Count(container => container.Processes.Count > 0),
        Targets = pod.Containers.Sum(container => container.Processes.Count),
        Memory = memory,
        Effects = _book.EffectsOf(pod.Record.Uid),
        HeldBy = pod.IsShed ? SafetyRail.OwnCost : pod.Containers.Select(container => container.HeldBy).FirstOrDefault(rail => rail is not null),
    };

    /// <summary>Straight from the regions: a copy of all of them each second would be most of what the agent allocates.</summary>
    private (IdleHistogram All, Dictionary<string, IdleHistogramBuilder> ByPod) Histograms()
    {
        var all = new IdleHistogramBuilder();
        var byPod = new Dictionary<string, IdleHistogramBuilder>(StringComparer.Ordinal);
        if (Session is not { } session)
        {
            return (all.Build(), byPod);
        }

        var aggregation = session.Intervals.Aggregation;
        foreach (var target in session.Targets)
        {
            if (target.Group is not { } pod)
            {
                continue;
            }

            if (!byPod.TryGetValue(pod, out var histogram))
            {
                byPod.Add(pod, histogram = new IdleHistogramBuilder());
            }

            var regions = target.Regions;
            for (var i = 0; i < regions.Count; i++)
            {
                var bytes = regions.Ends[i] - regions.Starts[i];
                var isAccessed = regions.Accesses[i] > 0 || regions.LastAccesses[i] > 0;
                var age = regions.Ages[i] * aggregation;
                all.Add(bytes, isAccessed, age);
                histogram.Add(bytes, isAccessed, age);
            }
        }

        return (all.Build(), byPod);
    }

    private Dictionary<ContainerState, int> CountContainers()
    {
        var counts = new Dictionary<ContainerState, int>();
        foreach (var container in _containers.Values)
        {
            Add(StateOf(container));
        }

        foreach (var missing in _missing)
        {
            if (missing.Reason != MissingReason.PodGone)
            {
                Add(missing.Reason is MissingReason.NotStarted or MissingReason.Ended ? ContainerState.NotRunning : ContainerState.NotFound);
            }
        }

        return counts;

        void Add(ContainerState state) => counts[state] = counts.GetValueOrDefault(state) + 1;
    }

    private ContainerState StateOf(ServedContainer container) =>
        container.Processes.Count > 0 ? ContainerState.Monitored
        : container.Schemes.Count == 0 ? container.Protection is Protection.None or Protection.ProtectedQoS ? ContainerState.NotSelected : ContainerState.Protected
        : IsShed(container) ? ContainerState.Shed
        : container.Failure.Length == 0 && container.Memory.Processes.Count == 0 ? ContainerState.NotFound
        : ContainerState.NotWatchable;
}
