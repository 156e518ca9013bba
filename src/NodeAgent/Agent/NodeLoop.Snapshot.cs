using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Safety;
using CapabilityReason = Damon.Engine.Machine.CapabilityReason;
using MonitoringBackend = Damon.Engine.Machine.MonitoringBackend;

namespace Damon.NodeAgent.Agent;

/// <content>What others see of the loop.</content>
internal sealed partial class NodeLoop
{
    private static readonly SafetyRail[] AllRails = Enum.GetValues<SafetyRail>();

    private IReadOnlyList<NodeCapability>? _capabilities;

    private void Publish()
    {
        _publishedAt = _time.GetTimestamp();
        if (IsDue(_residentAt, ResidentEvery))
        {
            _residentAt = _publishedAt;
            ReadResident();
            _ownResidentBytes = _options.OwnResident();
        }

        var bytes = new Dictionary<int, ulong>(Session?.Targets.Count ?? 0);
        foreach (var target in Session?.Targets ?? [])
        {
            bytes[target.Id] = target.Regions.TotalBytes;
        }

        // A plan may say a uid twice; then the second scheme is refused.
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in _schemes)
        {
            names.TryAdd(entry.Planned.Uid, entry.Planned.Name);
        }

        var snapshot = new AgentSnapshot
        {
            At = _time.GetUtcNow(),
            PlanGeneration = _intake.Plan.IsKnown ? _intake.Plan.Generation : null,
            EchoAfter = _intake.Plan.EchoAfter,
            Problem = (_intake.PlanProblem ?? _intake.ConfigProblem)?.ToString() ?? "",
            Schemes = [.. _schemes.Select(ViewOf)],
            Containers = [.. _containers.Values.Select(container => ViewOf(container, bytes, names))],
            Node = ViewOfNode(),
        };
        Volatile.Write(ref _snapshot, snapshot);
        PublishFigures();
    }

    private void ReadResident()
    {
        foreach (var container in _containers.Values)
        {
            container.ResidentBytes = container.Memory.Cgroup is { HasFigures: true } group && _host.ReadText(group.Directory + "/memory.current").TryGet(out var text)
                && ulong.TryParse(text.Trim(), System.Globalization.CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;
        }
    }

    private SchemeView ViewOf(SchemeEntry entry)
    {
        var run = entry.Description is null ? null : Session?.Schemes.FirstOrDefault(scheme => scheme.Description.Name == entry.Planned.Uid);
        var (state, reason, message) = StateOf(entry, run);
        return new SchemeView
        {
            Name = entry.Planned.Name,
            Uid = entry.Planned.Uid,
            AppliedHash = entry.Planned.Hash,
            State = state,
            Reason = reason,
            Message = message,
            Targets = entry.Containers.Count,
            Conflicts = entry.Selection?.Conflicts,
            Denied = (entry.Selection?.Denied ?? []).GroupBy(denied => denied.Reason, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
            Statistics = run is null ? null : run.Statistics with { },
            Effect = NodeEffectOf(entry),
            DetectionLatency = LatencyOf(entry, run),
            Trips = entry.Trips,
        };
    }

    private TimeSpan? LatencyOf(SchemeEntry entry, SchemeRun? run) =>
        entry.OfNode is { } ofNode && _nodeReport is { IsTaken: true } report ? DetectionLatency.Of(ofNode, report.Intervals)
        : run is null || Session is not { } session ? null
        : DetectionLatency.Of(run.Description, session.Intervals);

    private (NodeSchemeState State, string Reason, string Message) StateOf(SchemeEntry entry, SchemeRun? run)
    {
        if (entry.Reason.Length > 0)
        {
            return (NodeSchemeState.Unsupported, entry.Reason, entry.Message);
        }

        var decision = entry.Decision;
        if (decision.Mode == ClusterMode.Off)
        {
            return (NodeSchemeState.Stopped, decision.Reason, "");
        }

        if (decision.IsPaused)
        {
            return (NodeSchemeState.Paused, decision.Reason, "");
        }

        if (entry.OfNode is not null)
        {
            return StateOfNode(entry);
        }

        if ((_driver is null ? "" : _driver.WaitsFor) is { } waitsFor && entry.Containers.Count > 0)
        {
            var why = waitsFor.Length > 0 ? waitsFor : _driverFailure;
            return why.Length > 0 ? (NodeSchemeState.Degraded, "BackendLost", why) : (NodeSchemeState.Pending, "", "");
        }

        if (run?.State == Engine.Monitoring.SchemeState.Unrepresentable)
        {
            return (NodeSchemeState.Degraded, "Unrepresentable", "its access rates or ages cannot be told apart with the intervals in force");
        }

        if (entry.Containers.Count > 0 && entry.Containers.TrueForAll(container => container.Failure.Length > 0 && container.Processes.Count == 0))
        {
            return (NodeSchemeState.Degraded, "TargetsNotAccessible", entry.Containers[0].Failure);
        }

        if (entry.Containers.Count > 0 && entry.Containers.TrueForAll(IsShed))
        {
            return (NodeSchemeState.Backoff, nameof(SafetyRail.OwnCost), "looking at its pods costs more than the ceilings allow");
        }

        var shared = entry.SharesMonitoring ? "MonitoringShared" : "";
        if (!entry.IsEnforcing)
        {
            return (NodeSchemeState.Observing, decision.Reason.Length > 0 ? decision.Reason : shared, "");
        }

        if (entry.Containers.Count > 0 && entry.Containers.TrueForAll(container => container.HeldBy is not null || container.Protection != Protection.None))
        {
            var first = entry.Containers[0];
            return first.HeldBy is { } rail
                ? (IsStop(rail) ? NodeSchemeState.Stopped : NodeSchemeState.Backoff, rail.ToString(), first.HeldReason)
                : (NodeSchemeState.Observing, first.Protection.ToString(), "");
        }

        // What works sometimes is not broken; this never has, since the session or the scheme began.
        if (run?.Statistics is { FailedCalls: > 0, AdvisedBytes: 0, NoEffectCalls: 0, LastFailure: var failure })
        {
            return (NodeSchemeState.Degraded, "ActionFailed", failure);
        }

        return run?.State == Engine.Monitoring.SchemeState.Resting ? (NodeSchemeState.Active, "Resting", run.RestReason) : (NodeSchemeState.Active, shared, "");
    }

    private static bool IsStop(SafetyRail rail) => rail is SafetyRail.Emergency or SafetyRail.NodeEmergency or SafetyRail.Refault or SafetyRail.Off;

    private bool IsShed(ServedContainer container) => _followedPods.TryGetValue(container.Memory.PodUid, out var pod) && pod.IsShed;

    private ContainerView ViewOf(ServedContainer container, Dictionary<int, ulong> bytes, Dictionary<string, string> names)
    {
        var memory = container.Memory;
        var (heldBy, message) = container.Protection != Protection.None ? (container.Protection.ToString(), "")
            : _faults.IsIsolated(memory.RuntimeId) ? ("Isolated", "a bug was met on it; it is left alone for a while")
            : IsShed(container) ? (nameof(SafetyRail.OwnCost), "looking at it costs more than the ceilings allow")
            : container.HeldBy is { } rail ? (rail.ToString(), container.HeldReason)
            : container.Failure.Length > 0 ? ("NotAccessible", container.Failure)
            : ("", "");
        return new ContainerView
        {
            PodUid = memory.PodUid,
            Namespace = memory.PodNamespace,
            Pod = memory.PodName,
            Name = memory.Name,
            RuntimeId = memory.RuntimeId,
            Schemes = [.. container.Schemes.Select(uid => names.GetValueOrDefault(uid) ?? uid)],
            Processes = memory.Processes.Count,
            SessionProcesses = container.Processes.Count,
            SessionBytes = container.Processes.Aggregate(0UL, (sum, process) => sum + bytes.GetValueOrDefault(process.Pid)),
            ResidentBytes = container.ResidentBytes,
            HeldBy = heldBy,
            Message = message,
        };
    }

    private NodeView ViewOfNode()
    {
        _capabilities ??= CapabilitiesOf();
        var rails = _rails.Node;
        return new NodeView
        {
            AgentVersion = _options.AgentVersion,
            Kernel = _backends.Facts.Kernel.Text,
            Backend = _backend,
            BackendReason = _backendDecision.Reason ?? "",
            BackendMessage = _backendDecision.Message ?? "",
            Intervals = Session?.Intervals,
            Regions = Session?.RegionCount ?? 0,
            Targets = Session?.Targets.Count ?? 0,
            ProbesPerSecond = _probesPerSecond,
            CpuShare = _cpuShare,
            Stretch = _costDecision.Stretch,
            ShedPods = _followedPods.Values.Count(pod => pod.IsShed),
            HeldBy = [.. new[] { rails.Plan.Rail, rails.Emergency.Rail, rails.Pressure.Rail, rails.Swap.Rail }.Where(rail => rail is not null).Select(rail => rail!.Value)],
            Trips = AllRails.Where(rail => _rails.Log.Trips(rail) > 0).ToDictionary(rail => rail, _rails.Log.Trips),
            BackOff = AllRails.Where(rail => _rails.Log.BackOff(rail) > TimeSpan.Zero).ToDictionary(rail => rail, _rails.Log.BackOff),
            Transitions = [.. _transitions],
            TransitionCount = _transitionCount,
            OwedChanges = _ledger?.Count ?? 0,
            Faults = _faults.Count,
            LastFault = _faults.Last,
            Capabilities = _capabilities,
        };
    }

    private IReadOnlyList<NodeCapability> CapabilitiesOf()
    {
        var facts = _backends.Facts;
        return
        [
            .. Enum.GetValues<MonitoringBackend>().Select(facts.Backend).Select(one => new NodeCapability
            {
                Name = $"backend/{one.Backend}", Available = one.IsAvailable, Reason = one.Reason.ToString(), Message = one.Message,
            }),
            .. Enum.GetValues<SchemeAction>().Select(facts.Action).Select(one => new NodeCapability
            {
                Name = $"action/{one.Action}", Available = one.IsAvailable, Reason = one.Reason.ToString(), Message = one.Message,
            }),
            new NodeCapability { Name = "call/process_madvise", Available = facts.TakesAdvice, Reason = (facts.TakesAdvice ? CapabilityReason.Available : CapabilityReason.NotInKernel).ToString(), Message = facts.Advice.Message },
            new NodeCapability { Name = "memory/Tiers", Available = facts.Tiers.Reason == CapabilityReason.Available, Reason = facts.Tiers.Reason.ToString(), Message = facts.Tiers.Message },
        ];
    }
}
