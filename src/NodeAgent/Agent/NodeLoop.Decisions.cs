using Damon.Api.Clusters;
using Damon.Api.Schemes;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Selection;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <content>Which scheme is carried out how, what senses, and which container is whose: decided anew each time.</content>
internal sealed partial class NodeLoop
{
    /// <summary>After the kernel was lost, <c>Auto</c> tries it again no sooner than this.</summary>
    private static readonly TimeSpan KernelAgainAfter = TimeSpan.FromMinutes(10);

    /// <summary>While nothing senses, what the machine can do is looked at again after this: somebody else may have let go of the kernel's DAMON.</summary>
    private static readonly TimeSpan FactsEvery = TimeSpan.FromMinutes(1);

    /// <summary>Memory comes and goes, and with it the nodes of a tier. Some files to read.</summary>
    private static readonly TimeSpan MemoryEvery = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, ServedContainer> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FollowedPod> _followedPods = new(StringComparer.Ordinal);
    private List<SchemeEntry> _schemes = [];
    private long? _kernelLostAt;
    private long? _factsAt;
    private long? _memoryAt;

    private void Reconcile()
    {
        _lookedAt = _time.GetTimestamp();
        _isNodeDue |= _isDirty;
        _isDirty = false;
        TakeReadings();
        _missing = _finder.Look(_pods).Missing;
        FollowMemory();
        DecideSchemes();
        DecideBackend();
        DecideContainers();
        Commit();
        CommitNode();
        ServeContainers();
        UndoWhatIsNotEnforced();
    }

    private void FollowMemory()
    {
        if (!IsDue(_memoryAt, MemoryEvery))
        {
            return;
        }

        _memoryAt = _time.GetTimestamp();
        if (_backends.RefreshMemory())
        {
            _capabilities = null;
            _log.Info($"memory nodes or tiers have changed. Nodes: {string.Join(", ", _backends.Facts.NumaNodes)}. {_backends.Facts.Tiers.Message}");
        }
    }

    private void DecideSchemes()
    {
        var known = new Dictionary<(string Name, string Uid), SchemeEntry>();
        foreach (var entry in _schemes)
        {
            known[(entry.Planned.Name, entry.Planned.Uid)] = entry;
        }

        var uids = new HashSet<string>(StringComparer.Ordinal);
        var decided = new List<SchemeEntry>();
        foreach (var planned in _intake.Plan.Schemes)
        {
            var entry = known.Remove((planned.Name, planned.Uid), out var before) ? before : new SchemeEntry(planned);
            entry.Planned = planned;
            entry.Decision = _isPaused ? new ModeDecision(ClusterMode.Off, IsPaused: false, PlanReasons.NodeOff) : _intake.ModeOf(planned);
            entry.Selection = null;
            entry.SharesMonitoring = false;
            Translate(entry);
            if ((entry.Description ?? entry.OfNode) is not null && !uids.Add(planned.Uid))
            {
                Refuse(entry, PlanReasons.InvalidScheme, "another scheme of the plan has its uid");
            }

            decided.Add(entry);
        }

        _schemes = decided;
    }

    /// <summary>One scheme at a time, so that what is wrong with one is nothing to the others.</summary>
    private void Translate(SchemeEntry entry)
    {
        (entry.Description, entry.OfNode) = (null, null);
        (entry.Reason, entry.Message) = ("", "");
        if (entry.Planned.Scheme is not { } scheme)
        {
            Refuse(entry, entry.Planned.Reason, entry.Planned.Message);
            return;
        }

        if (entry.Decision.Mode == ClusterMode.Off)
        {
            return;
        }

        var enforces = entry.Decision.Mode == ClusterMode.Enforce;
        var mode = enforces ? Api.Schemes.SchemeMode.Enforce : Api.Schemes.SchemeMode.Observe;

        // The time at which it ends is kept here (EffectiveMode).
        var timeless = scheme with { Spec = scheme.Spec with { ExpiresAfter = null } };
        if (IsOfNode(entry))
        {
            TranslateForNode(entry, timeless, enforces);
            return;
        }

        var translation = SchemeTranslator.Translate(timeless, mode, new TranslationContext { Tiers = _backends.Facts.Tiers, OutlivesStalls = _stalls is not null });
        entry.Translation = translation;
        if (translation.Description is not { } description)
        {
            Refuse(entry, translation.Reason, translation.Message);
            return;
        }

        var capability = _backends.Facts.Action(description.Action);
        if (!capability.IsAvailable && (enforces || capability.Reason == CapabilityReason.OneMemoryNode))
        {
            Refuse(entry, capability.Reason.ToString(), capability.Message);
            return;
        }

        description = description with { Name = entry.Planned.Uid, IsSuspended = entry.Decision.IsPaused };
        if (new MonitoringPlan(Engine.Monitoring.MonitoringIntervals.Default, RegionLimits.Default, [description]).Check() is { Count: > 0 } errors)
        {
            Refuse(entry, PlanReasons.InvalidScheme, errors[0].ToString());
            return;
        }

        entry.Translation = translation with { Description = description };
        entry.Description = description;
    }

    private static void Refuse(SchemeEntry entry, string reason, string message)
    {
        (entry.Description, entry.OfNode) = (null, null);
        (entry.Reason, entry.Message) = (reason, message);
    }

    /// <summary>
    /// Two that sense would erase each other's accessed bits, so a node has one at a time: what the scheme of the best rank names that names any, else the best that there is.
    /// </summary>
    private void DecideBackend()
    {
        if (_driver is null && _node is null && IsDue(_factsAt, FactsEvery))
        {
            _factsAt = _time.GetTimestamp();
            _backends.Refresh();
            _capabilities = null;
        }

        BackendDecision? chosen = null;
        foreach (var entry in _schemes)
        {
            if (entry.Description is null || RequestOf(entry) is not { } named || named == RequestedBackend.Auto)
            {
                continue;
            }

            var decision = _backends.Choose(named);
            if (decision.Backend is null)
            {
                Refuse(entry, decision.Reason, decision.Message);
            }
            else if (chosen is { } other && other.Backend != decision.Backend)
            {
                Refuse(entry, "BackendInUse", $"{other.Backend} senses on this node, for a scheme of better rank; two at once would erase each other's accessed bits");
            }
            else if (decision.Backend == MonitoringBackend.Referenced && IsBehindNodeScheme(entry))
            {
                Refuse(entry, "BackendInUse", "the kernel looks at all of physical memory, for a scheme of better rank; Referenced would clear the accessed bits that it reads");
            }
            else
            {
                chosen ??= decision;
            }
        }

        if (chosen is null && _schemes.Exists(entry => entry.Description is not null))
        {
            chosen = Auto();
        }

        _backendDecision = chosen ?? default;
        if (chosen is { Backend: null } none)
        {
            foreach (var entry in _schemes.Where(entry => entry.Description is not null))
            {
                Refuse(entry, none.Reason, none.Message);
            }
        }

        RefuseBesideReferenced();
    }

    private BackendDecision Auto()
    {
        if (_kernelLostAt is { } at && _time.GetElapsedTime(at) < KernelAgainAfter)
        {
            var next = _backends.Choose(RequestedBackend.IdlePage);
            return next with { Message = $"{next.Message} Kernel: {_driverFailure}" };
        }

        return _backends.Choose(RequestedBackend.Auto);
    }

    private static RequestedBackend? RequestOf(SchemeEntry entry) => entry.Planned.Scheme?.Spec.Backend switch
    {
        BackendKind.Kernel => RequestedBackend.Kernel,
        BackendKind.IdlePage => RequestedBackend.IdlePage,
        BackendKind.Referenced => RequestedBackend.Referenced,
        BackendKind.Auto => RequestedBackend.Auto,
        _ => null,
    };

    private void DecideContainers()
    {
        foreach (var container in _containers.Values)
        {
            container.IsThere = false;
        }

        var pods = new Dictionary<string, PodRecord>(StringComparer.Ordinal);
        foreach (var pod in _pods)
        {
            pods[pod.Uid] = pod;
        }

        var subjects = new List<SelectionSubject>();
        var byKey = new Dictionary<ContainerKey, ServedContainer>();
        foreach (var memory in _finder.Containers)
        {
            var key = new ContainerKey(memory.PodUid, memory.Name);
            if (!pods.TryGetValue(memory.PodUid, out var pod) || byKey.ContainsKey(key))
            {
                continue;
            }

            if (!_containers.TryGetValue(memory.RuntimeId, out var container))
            {
                container = _containers[memory.RuntimeId] = new ServedContainer(memory);
            }

            (container.Memory, container.IsThere) = (memory, true);
            container.Protection = _protection.Judge(SafetySettings.SubjectOf(pod, memory.Kind));
            byKey.Add(key, container);
            subjects.Add(new SelectionSubject
            {
                Key = key,
                NamespaceLabels = pod.NamespaceLabels,
                PodLabels = pod.Labels,
                QosClass = pod.QosClass,

                // What is Guaranteed may be looked at; its actor keeps everything else away.
                Denial = container.Protection is not (Protection.None or Protection.ProtectedQoS) ? container.Protection.ToString()
                    : _faults.IsIsolated(memory.RuntimeId) ? "Isolated" : "",
            });
        }

        Assign(ContainerSelection.Decide(_schemes.Where(entry => (entry.Description ?? entry.OfNode) is not null).Select(entry => new SelectionCandidate(entry.Planned, entry.Decision.Mode)), subjects), byKey);
        FollowPods(pods);
        foreach (var gone in _containers.Where(pair => !pair.Value.IsThere).Select(pair => pair.Key).ToList())
        {
            LetGo(_containers[gone]);
            _containers.Remove(gone);
        }

        _faults.Keep(_containers.Keys.ToHashSet(StringComparer.Ordinal));
    }

    private void Assign(IReadOnlyList<SchemeSelection> selections, Dictionary<ContainerKey, ServedContainer> byKey)
    {
        var serving = new Dictionary<ServedContainer, List<SchemeEntry>>();
        var entries = new Dictionary<PlannedScheme, SchemeEntry>(ReferenceEqualityComparer.Instance);
        foreach (var entry in _schemes)
        {
            entry.Containers.Clear();
            entries[entry.Planned] = entry;
        }

        foreach (var selection in selections)
        {
            var entry = entries[selection.Candidate.Planned];
            entry.Selection = selection;
            foreach (var key in selection.Targets)
            {
                var container = byKey[key];
                entry.Containers.Add(container);
                (serving.TryGetValue(container, out var list) ? list : serving[container] = []).Add(entry);
            }
        }

        foreach (var container in _containers.Values)
        {
            container.Enforcers.Clear();
            List<SchemeEntry> schemes = [.. (serving.GetValueOrDefault(container) ?? []).Where(entry => entry.Description is not null)];
            foreach (var entry in schemes.Where(entry => entry.IsEnforcing))
            {
                container.Enforcers[entry.Description!.Action] = entry.Planned.Uid;
            }

            IReadOnlyList<string> names = [.. schemes.Select(entry => entry.Planned.Uid).Order(StringComparer.Ordinal)];
            if (!names.SequenceEqual(container.Schemes, StringComparer.Ordinal))
            {
                container.Schemes = names;
                foreach (var process in container.Processes)
                {
                    Session?.ServeTarget(process.Pid, names);
                }
            }
        }
    }

    /// <summary>Pods of which the session has, or is to have, something; the others only schemes of the node are for.</summary>
    private List<FollowedPod> ServedPods() => [.. _followedPods.Values.Where(pod => pod.Containers.Exists(container => container.Schemes.Count > 0))];

    /// <summary>Of the containers that any scheme has, their pods, with their rails.</summary>
    private void FollowPods(Dictionary<string, PodRecord> pods)
    {
        foreach (var pod in _followedPods.Values)
        {
            pod.Containers.Clear();
            pod.Rank = int.MaxValue;
        }

        for (var rank = 0; rank < _schemes.Count; rank++)
        {
            foreach (var container in _schemes[rank].Containers)
            {
                var uid = container.Memory.PodUid;
                if (!_followedPods.TryGetValue(uid, out var pod))
                {
                    pod = _followedPods[uid] = new FollowedPod(pods[uid]);
                }

                pod.Record = pods[uid];
                pod.Rank = Math.Min(pod.Rank, rank + 1);
                if (!pod.Containers.Contains(container))
                {
                    pod.Containers.Add(container);
                }
            }
        }

        foreach (var (uid, pod) in _followedPods)
        {
            if (pod.Containers.Count == 0)
            {
                _followedPods.Remove(uid);
                _rails.Forget(uid);
            }
            else
            {
                var rails = _rails.Track(TargetOf(pod), _limits);
                var plan = string.Join(' ', _schemes.Where(entry => entry.Containers.Exists(container => container.Memory.PodUid == uid)).Select(entry => entry.Planned.Hash));
                if (pod.Plan.Length > 0 && pod.Plan != plan)
                {
                    rails.LiftRefaults();
                }

                pod.Plan = plan;
            }
        }
    }

    private static RailTarget TargetOf(FollowedPod pod)
    {
        var group = pod.Containers.Select(container => container.Memory.PodCgroup).FirstOrDefault(found => found is { HasFigures: true });
        return new RailTarget(
            pod.Record.Uid,
            group?.Directory ?? "",
            group?.File ?? default,
            pod.Record.MemoryRequestBytes,
            [.. pod.Containers.Select(container => ContainerOf(pod.Record, container))]);
    }

    private static RailContainer ContainerOf(PodRecord pod, ServedContainer container)
    {
        var record = pod.Containers.FirstOrDefault(one => one.RuntimeId == container.Memory.RuntimeId);
        return new RailContainer(
            container.Memory.RuntimeId, container.Memory.Cgroup is { HasFigures: true } group ? group.Directory : "", record?.MemoryRequestBytes ?? 0, record?.StartedAt);
    }
}
