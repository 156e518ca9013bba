using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <content>Schemes of the whole node: the kernel carries them out behind leases, and before each grant it is decided here on whose memory.</content>
internal sealed partial class NodeLoop
{
    /// <summary>What is granted acts within this, by the kernel's intervals, also where nobody is left to take it back: Off has to have stopped everything after ten seconds, and a busy kernel may take three times as long.</summary>
    private static readonly TimeSpan LongestNodeGrant = TimeSpan.FromSeconds(3);

    /// <summary>Each command waits for the kernel's next sample, and the pods' kdamond is asked on the same thread: tuned intervals must not become longer.</summary>
    private static readonly TimeSpan LongestNodeSample = TimeSpan.FromSeconds(1);

    /// <summary>A round of some commits and readings that takes longer is told of.</summary>
    private static readonly TimeSpan LongNodeRound = TimeSpan.FromSeconds(30);

    /// <summary>So many rounds in a row that the kernel refuses: all is begun anew.</summary>
    private const int MaxNodeFailures = 5;

    /// <summary>Those that have been told to end and were not heard of yet. While there is one, the kernel is not given back, and no other begins.</summary>
    private readonly List<NodeDriver> _nodeEndings = [];
    private readonly Dictionary<string, NodeSchemeStatus> _nodeStatuses = new(StringComparer.Ordinal);
    private NodeDriver? _node;
    private KernelEnforcementPlan? _nodePlan;
    private RoundReport? _nodeReport;
    private bool _isNodeHopeless;
    private bool _isNodeDue;
    private string _nodeFailure = "";
    private long? _nodeFailedAt;
    private int _nodeFailures;
    private ReclaimReservation _nodeReserved;

    /// <summary>What carries the schemes of the node out, for tests that wait for the kernel; null where there are none.</summary>
    internal NodeDriver? Node => _node;

    /// <summary>The ends that were asked for and not heard of yet, for the same tests.</summary>
    internal IReadOnlyList<Task> NodeEndings => [.. _nodeEndings.Select(node => node.Ending!)];

    private static bool IsOfNode(SchemeEntry entry) => entry.Planned.Scheme?.Spec.Target.Kind == TargetKind.Node;

    private void TranslateForNode(SchemeEntry entry, DamonScheme scheme, bool enforces)
    {
        var translation = SchemeTranslator.WithoutMoves(SchemeTranslator.TranslateForNode(scheme, enforces ? Api.Schemes.SchemeMode.Enforce : Api.Schemes.SchemeMode.Observe, new TranslationContext { Tiers = _backends.Facts.Tiers }));
        if (translation.Description is not { } description)
        {
            Refuse(entry, translation.Reason, translation.Message);
            return;
        }

        if (_node is null && _backends.ChooseForNode() is { Backend: null } none)
        {
            Refuse(entry, none.Reason, none.Message);
            return;
        }

        description = description with { Name = entry.Planned.Uid };
        if (new MonitoringPlan(Engine.Monitoring.MonitoringIntervals.Default, RegionLimits.Default, [description]).Check() is { Count: > 0 } errors)
        {
            Refuse(entry, PlanReasons.InvalidScheme, errors[0].ToString());
            return;
        }

        entry.Translation = translation with { Description = description };
        entry.OfNode = description;
    }

    /// <summary>Referenced clears the accessed bits of whole processes, and with them what the kernel is about to read: of the two the better rank has it.</summary>
    private bool IsBehindNodeScheme(SchemeEntry entry)
    {
        foreach (var better in _schemes)
        {
            if (ReferenceEquals(better, entry))
            {
                return false;
            }

            if (better.OfNode is not null)
            {
                return true;
            }
        }

        return false;
    }

    private void RefuseBesideReferenced()
    {
        if (_backendDecision.Backend == MonitoringBackend.Referenced)
        {
            foreach (var entry in _schemes.Where(entry => entry.OfNode is not null))
            {
                Refuse(entry, "BackendInUse", "Referenced senses on this node, for a scheme of better rank; it clears the accessed bits that the kernel reads");
            }
        }
    }

    /// <summary>Makes what the kernel is to carry out equal to what was decided.</summary>
    private void CommitNode()
    {
        if (PlanForNode() is not { } plan)
        {
            EndNode();
            (_nodePlan, _nodeFailure, _nodeFailedAt, _isNodeHopeless) = (null, "", null, false);
            _nodeStatuses.Clear();
            return;
        }

        if (_nodePlan is not { } known || !IsSame(plan, known))
        {
            (_nodePlan, _isNodeDue, _isNodeHopeless) = (plan, true, false);
        }

        var waits = _nodeFailedAt is { } at && _time.GetElapsedTime(at) < RebuildAfter;
        if (_node is null && _nodeEndings.Count == 0 && !waits && !_isNodeHopeless && !IsNodeShed)
        {
            MakeNode();
        }
    }

    private static bool IsSame(KernelEnforcementPlan plan, KernelEnforcementPlan known) => plan with { Schemes = known.Schemes } == known && plan.Schemes.SequenceEqual(known.Schemes);

    private KernelEnforcementPlan? PlanForNode()
    {
        var carried = _schemes.Where(entry => entry.OfNode is not null).ToList();
        if (carried.Count == 0)
        {
            return null;
        }

        var (sample, aggregation) = DamonSchemeDefaults.Intervals(BackendKind.Kernel);
        Engine.Monitoring.MonitoringIntervals IntervalsOf(DamonScheme scheme) => PlanBuilder.IntervalsOf(scheme, sample.ToTimeSpan(), aggregation.ToTimeSpan());
        var plan = PlanBuilder.Build([.. carried.Select(entry => entry.Translation!)], IntervalsOf, residentFloorBytes: 0, tunesByDefault: true);
        var (goal, isEnforced) = (plan.IntervalsGoal, carried.Exists(entry => entry.ActsOnNode));
        foreach (var entry in carried)
        {
            entry.SharesMonitoring = carried.Count > 1 && IntervalsOf(entry.Planned.Scheme!) != plan.Intervals && (goal is null || isEnforced);
        }

        var most = goal is null ? default : goal.MinSample > LongestNodeSample ? goal.MinSample : LongestNodeSample;
        return new KernelEnforcementPlan(KernelOperations.Paddr, isEnforced ? Stretched(plan.Intervals) : plan.Intervals, plan.Limits, plan.Schemes)
        {
            IntervalsGoal = goal is null || goal.MaxSample <= most ? goal : goal with { MaxSample = most },
            NodeTargetsAllowed = _intake.Rules.Spec.NodeTargets,
            LongestGrant = LongestNodeGrant,
        };
    }

    private void MakeNode()
    {
        var sensing = _backends.Kernel(KernelPlace.Node);
        var pageBytes = (ulong)_backends.Facts.PageSizeBytes;
        _node = new NodeDriver(
            sensing,
            isEnding => new NodeSession(_host, _time, sensing.Interface, pageBytes, () => isEnding() || _inputs.IsOff ? nameof(SafetyRail.Off) : ""),
            _time,
            () =>
            {
                // An answer may come long after the end, when there is no loop any more.
                if (!_isStopped)
                {
                    _inputs.Wake();
                }
            });
        (_nodeFailures, _isNodeDue) = (0, true);
    }

    /// <summary>Nothing is granted any more. The kernel's thread takes back what was, and gives the kernel back, as soon as it comes to it; the loop does not wait.</summary>
    private void EndNode()
    {
        if (_node is not { } node)
        {
            return;
        }

        foreach (var entry in _schemes)
        {
            if (IsOfNode(entry))
            {
                entry.Meter.EndSession();
            }
        }

        TakeNodeCpu(null);
        var most = node.IsOccupied ? _nodeReserved.Bytes + _nodeReserved.AskedBytes : _nodeReserved.Bytes;
        _reclaim.Settle(ref _nodeReserved, usedBytes: most, standsBytes: 0);
        _nodeRestarts += _nodeReport?.Restarts ?? 0;
        (_node, _nodeReport) = (null, null);
        node.End();
        _nodeEndings.Add(node);
    }

    private void TellNodeEndings()
    {
        for (var i = _nodeEndings.Count - 1; i >= 0; i--)
        {
            var node = _nodeEndings[i];
            if (node.Ending is not { IsCompleted: true } ending)
            {
                continue;
            }

            _nodeEndings.RemoveAt(i);
            Carefully("ending the schemes of the node", () => TakeEnd(node, ending));
        }
    }

    private void TakeEnd(NodeDriver node, Task<HostResult<RoundReport>> ending)
    {
        // Only for what it threw: what it did, the end tells.
        Carefully("the last round of the schemes of the node", () => node.TryTake(out _));
        if (!ending.GetAwaiter().GetResult().TryGet(out var last))
        {
            // The kernel's thread is stuck and takes nothing on. With the next turn it is asked again.
            node.End();
            _nodeEndings.Add(node);
            return;
        }

        TakeEffects(last.Effects);
        if (last.Outcome is { IsDone: false } outcome)
        {
            _log.Info($"the kernel's DAMON could not be given back: {outcome.Message}. What was granted ends by itself; the next run cleans up");
        }
    }

    /// <summary>At the agent's end the kernel's thread is waited for, because the process would take it along; what was granted ends by itself in any case.</summary>
    private void AwaitNodeEndings()
    {
        try
        {
            Task.WhenAll(NodeEndings).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).WaitAsync(KernelDriver.PatienceAtEnd, _time).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            _log.Info("the kernel's DAMON could not be given back in time. What was granted ends by itself; the next run cleans up");
        }

        TellNodeEndings();
    }

    /// <returns>Until when nothing is due.</returns>
    private TimeSpan SenseNode()
    {
        TellNodeEndings();
        if (_node is not { } node || _nodePlan is not { } plan)
        {
            return PublishEvery;
        }

        try
        {
            if (node.TryTake(out var answer))
            {
                if (answer.TryGet(out var report))
                {
                    TakeNode(report);
                }
                else
                {
                    // Nothing is known of that round: what was granted before may still stand, and stays counted until a round tells.
                    CountNodeFailure(answer.Error.Detail);
                }
            }

            if (!ReferenceEquals(_node, node) || node.IsOccupied)
            {
                return PublishEvery;
            }

            if (!_isNodeDue && node.DueIn is var left && left > TimeSpan.Zero)
            {
                return left;
            }

            _isNodeDue = false;
            node.Ask(plan, DecideNodeTargets());
        }
        catch (Exception e)
        {
            _faults.Add("the schemes of the node", e);
            FailNode("a bug in carrying them out");
        }

        return PublishEvery;
    }

    private void TakeNode(RoundReport report)
    {
        _nodeReport = report;
        TakeNodeCpu(report);
        if (!report.IsTaken)
        {
            FailNode(report.Outcome.Message);
            return;
        }

        _reclaim.Settle(ref _nodeReserved, TakeEffects(report.Effects) + report.GrantedLeavingBytes, report.GrantedLeavingBytes);
        report.Schemes.ToList().ForEach(TakeStatus);
        foreach (var status in report.Schemes)
        {
            _nodeStatuses[status.Name] = status;
        }

        switch (report.Outcome.Kind)
        {
            case KernelOutcomeKind.Done:
                (_nodeFailures, _nodeFailure, _nodeFailedAt) = (0, "", null);
                break;
            case KernelOutcomeKind.Unsupported when report.Schemes.All(status => status.Reason is not (KernelSchemeReason.None or KernelSchemeReason.Observed)):
                // This kernel never will: each scheme's own reason says why, and nobody else need be kept from it.
                _isNodeHopeless = true;
                EndNode();
                break;
            case KernelOutcomeKind.Overwritten:
                FailNode(report.Outcome.Message);
                break;
            default:
                CountNodeFailure($"{report.Outcome.Kind}: {report.Outcome.Message}");
                break;
        }
    }

    private void CountNodeFailure(string reason)
    {
        if (++_nodeFailures >= MaxNodeFailures)
        {
            FailNode(reason);
        }
    }

    /// <summary>What the kernel did feeds the same rails, ceilings, ledger and figures as what the agent does itself.</summary>
    /// <returns>What has left memory.</returns>
    private ulong TakeEffects(IReadOnlyList<NodeEffect> effects)
    {
        var leaving = 0UL;
        foreach (var effect in effects)
        {
            if (RailBook.TakesMemory(effect.Action))
            {
                leaving += effect.TotalBytes;
                _rails.Record(effect.PodUid, effect.RuntimeId, effect.SwappedBytes, effect.OtherBytes);
            }

            _gate.Ledger?.NoteIrreversible(effect.Scheme, effect.Action, effect.TotalBytes);
            _book.AddApplied(effect.PodUid, effect.TotalBytes);
        }

        return leaving;
    }

    private void TakeStatus(NodeSchemeStatus status)
    {
        if (!status.IsMeasured && status.Action != SchemeAction.Stat)
        {
            var before = _nodeStatuses.GetValueOrDefault(status.Name)?.SaidBytes ?? 0;
            _gate.Ledger?.NoteIrreversible(status.Name, status.Action, status.SaidBytes >= before ? status.SaidBytes - before : status.SaidBytes);
        }

        if (_schemes.Find(entry => entry.OfNode?.Name == status.Name) is { } entry)
        {
            entry.Meter.Take(entry.ActsOnNode, new EffectReading(
                status.EffectBytes,
                status.ReturnedBytes,
                entry.ActsOnNode ? status.AwayBytes : status.Action == SchemeAction.Pageout ? status.MatchedNowBytes : 0,
                status.NoEffectGrants,
                FailedCalls: 0,
                status.ExhaustedWindows));
        }
    }

    private void FailNode(string reason)
    {
        if (reason != _nodeFailure)
        {
            _log.Info($"the schemes of the node cannot be carried out: {reason}");
        }

        (_nodeFailedAt, _nodeFailure) = (_time.GetTimestamp(), reason);
        Carefully("ending the schemes of the node", EndNode);
    }

    /// <summary>Asks the rails for every container of every scheme. What is not named here is not acted on.</summary>
    private NodeTargets DecideNodeTargets()
    {
        var byScheme = new Dictionary<string, IReadOnlyList<NodeTarget>>(StringComparer.Ordinal);
        var takers = CountTakers();
        var most = 0UL;
        foreach (var entry in _schemes)
        {
            if (entry.OfNode is not { } description)
            {
                continue;
            }

            var targets = new List<NodeTarget>();
            var held = default(NodeHold);
            foreach (var container in entry.Containers)
            {
                if (Judge(entry, description, container, takers, ref held) is { } target)
                {
                    targets.Add(target);
                }
            }

            entry.NodeHold = held with { Allowed = targets.Count };
            byScheme[description.Name] = targets;
            if (entry.ActsOnNode && RailBook.TakesMemory(description.Action) && targets.Count > 0)
            {
                most += Math.Min(KernelLease.MostBytes, description.Quota.SizeBytes > 0 ? description.Quota.SizeBytes : KernelLease.MostBytes);
            }
        }

        _reclaim.Reserve(ref _nodeReserved, most);
        return new NodeTargets(_time.GetTimestamp(), byScheme, _nodeReserved.AskedBytes);
    }

    private NodeTarget? Judge(SchemeEntry entry, SchemeDescription description, ServedContainer container, Dictionary<string, int> takers, ref NodeHold held)
    {
        var counts = description.Action == SchemeAction.Stat;
        if (_gate.IsBlind || (container.Protection != Protection.None && !(counts && container.Protection == Protection.ProtectedQoS)))
        {
            return null;
        }

        var (pod, id) = (container.Memory.PodUid, container.Memory.RuntimeId);
        if (container.Memory.Cgroup is not { HasFigures: true } group)
        {
            held = Hold(held, SafetyRail.RailUnmeasurable, "its memory is not accounted in a control group of version 2");
            return null;
        }

        if (counts)
        {
            return new NodeTarget(pod, id, group);
        }

        var answer = _rails.Check(pod, id, new MemoryAction(description.Action, description.Destinations));
        var rail = answer.HeldBy ?? (entry.ActsOnNode ? answer.EnforceHeldBy : null);
        if (rail is { } holding)
        {
            held = Hold(held, holding, answer.Reason);
            return null;
        }

        // What others take from the pod at the same time is not known in time: each may take its part of what lies above the floor.
        var headroom = answer.MaxBytes == ulong.MaxValue ? ulong.MaxValue : answer.MaxBytes / (ulong)Math.Max(1, takers.GetValueOrDefault(pod));
        return new NodeTarget(pod, id, group, headroom, answer.BudgetFactor, !answer.AllowsAnonymous);
    }

    private static NodeHold Hold(in NodeHold held, SafetyRail rail, string reason) => held.Rail is null ? new NodeHold(0, 1, rail, reason) : held with { Held = held.Held + 1 };

    /// <summary>How many schemes may take memory from each pod.</summary>
    private Dictionary<string, int> CountTakers()
    {
        var takers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in _schemes)
        {
            if ((entry.IsEnforcing || entry.ActsOnNode) && RailBook.TakesMemory((entry.Description ?? entry.OfNode)!.Action))
            {
                foreach (var pod in entry.Containers.Select(container => container.Memory.PodUid).Distinct(StringComparer.Ordinal))
                {
                    takers[pod] = takers.GetValueOrDefault(pod) + 1;
                }
            }
        }

        return takers;
    }

    /// <summary>What is asked about to show whether a container is held that only schemes of the node have.</summary>
    private MemoryAction? NodeActionOf(ServedContainer container)
    {
        var entry = _schemes.Find(one => one.ActsOnNode && one.Containers.Contains(container)) ?? _schemes.Find(one => one.OfNode is not null && one.Containers.Contains(container));
        return entry?.OfNode is { } description ? new MemoryAction(description.Action, description.Destinations) : null;
    }

    private (NodeSchemeState State, string Reason, string Message) StateOfNode(SchemeEntry entry)
    {
        if (IsNodeShed)
        {
            return (NodeSchemeState.Backoff, nameof(SafetyRail.OwnCost), "looking at all of physical memory costs more than the ceiling allows");
        }

        var status = _nodeStatuses.GetValueOrDefault(entry.Planned.Uid);
        if (_nodeFailure.Length > 0 && _node is null)
        {
            return (NodeSchemeState.Degraded, "BackendLost", _nodeFailure);
        }

        if (_node is { } node && node.Occupied >= LongNodeRound)
        {
            return (NodeSchemeState.Degraded, "BackendLost", $"the kernel has not answered for {node.Occupied.TotalSeconds:0} s; what was granted before has ended by itself");
        }

        switch (status?.Reason)
        {
            case null:
                return (NodeSchemeState.Pending, "", "");
            case KernelSchemeReason.Unrepresentable:
                return (NodeSchemeState.Degraded, nameof(KernelSchemeReason.Unrepresentable), status.Message);
            case not (KernelSchemeReason.None or KernelSchemeReason.Observed or KernelSchemeReason.NodeTargetsNotAllowed or KernelSchemeReason.NoEligibleCgroup):
                return (NodeSchemeState.Unsupported, status.Reason.ToString(), status.Message);
        }

        var shared = entry.SharesMonitoring ? "MonitoringShared" : "";
        if (!entry.ActsOnNode && entry.OfNode!.Action != SchemeAction.Stat)
        {
            return (NodeSchemeState.Observing, entry.Decision.Reason.Length > 0 ? entry.Decision.Reason : shared, "");
        }

        if (entry.NodeHold is { Allowed: 0, Rail: { } rail } hold)
        {
            return (IsStop(rail) ? NodeSchemeState.Stopped : NodeSchemeState.Backoff, rail.ToString(), hold.Reason);
        }

        return status.HeldBy.Length > 0 ? (NodeSchemeState.Active, "Resting", status.HeldBy) : (NodeSchemeState.Active, shared, "");
    }

    /// <summary>For the status: what matches now, what the kernel says was acted on, and what is measured to be gone.</summary>
    private SchemeEffect? NodeEffectOf(SchemeEntry entry) => _nodeStatuses.GetValueOrDefault(entry.Planned.Uid) is not { } status || entry.OfNode is null ? null : new SchemeEffect
    {
        ColdBytes = (long)Math.Min(status.MatchedNowBytes, long.MaxValue),
        AdvisedBytes = (long)Math.Min(status.SaidBytes, long.MaxValue),
        AwayBytes = (long)Math.Min(status.AwayBytes, long.MaxValue),
    };
}
