using Damon.Api.Schemes;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.NodeAgent.Ledger;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <content>Makes the session equal to what was decided, and keeps it within what the node may cost.</content>
internal sealed partial class NodeLoop
{
    /// <summary>Of the ceiling for CPU time, what looking at memory may use; the rest is for finding, rails and schemes.</summary>
    private const double ProbeShareOfCeiling = 0.75;

    private const ulong LargeProcessBytes = 4UL << 30;

    private static readonly TimeSpan RefusedFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LimitsEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan UndoAgainAfter = TimeSpan.FromSeconds(10);

    /// <summary>Every process in the session, and whose it is.</summary>
    private readonly Dictionary<ProcessIdentity, ServedContainer> _members = [];

    /// <summary>The same by pid, which is the target's number in the session.</summary>
    private readonly Dictionary<int, ServedContainer> _byPid = [];
    private readonly Dictionary<ProcessIdentity, (string Reason, long Since)> _refused = [];
    private readonly List<EndedProcess> _ended = [];
    private readonly List<ProcessIdentity> _leaving = [];
    private readonly HashSet<string> _enforced = new(StringComparer.Ordinal);
    private MonitoringPlan? _committed;
    private CostGovernor? _cost;
    private CostDecision _costDecision = new(1, []);
    private ProbeDivision? _division;
    private TimeSpan _cpuBefore;
    private ulong _probesBefore;
    private double _cpuShare;
    private double _probesPerSecond;
    private long? _undoneAt;
    private long? _limitsAt;

    /// <summary>Puts the schemes in force. A session is made when there is a process for it, and ended when there is no scheme.</summary>
    private void Commit()
    {
        var carried = _schemes.Where(entry => entry.Description is not null).ToList();
        if (carried.Count == 0 || _backendDecision.Backend is not { } backend)
        {
            DropDriver();
            return;
        }

        if (_driver is not null && _backend != backend)
        {
            DropDriver();
        }

        var plan = PlanFor(carried, backend);
        if (_driver is null)
        {
            var waits = _driverFailedAt is { } failedAt && _time.GetElapsedTime(failedAt) < RebuildAfter;
            if (!waits && ServedPods().Count > 0)
            {
                MakeDriver(plan, backend);
            }

            return;
        }

        if (IsSame(plan, _committed!))
        {
            return;
        }

        if (_driver.Commit(plan) is { Count: > 0 } errors)
        {
            // Each scheme alone has passed the same checks.
            throw new InvalidOperationException($"A plan of checked schemes cannot be carried out: {string.Join("; ", errors)}");
        }

        _committed = plan;
    }

    private static bool IsSame(MonitoringPlan plan, MonitoringPlan committed) => plan with { Schemes = committed.Schemes } == committed && plan.Schemes.SequenceEqual(committed.Schemes);

    private MonitoringPlan PlanFor(List<SchemeEntry> carried, MonitoringBackend backend)
    {
        var (sample, aggregation) = DamonSchemeDefaults.Intervals(backend == MonitoringBackend.Kernel ? BackendKind.Kernel : BackendKind.IdlePage);
        Engine.Monitoring.MonitoringIntervals IntervalsOf(DamonScheme scheme) => PlanBuilder.IntervalsOf(scheme, sample.ToTimeSpan(), aggregation.ToTimeSpan());
        var plan = PlanBuilder.Build([.. carried.Select(entry => entry.Translation!)], IntervalsOf, residentFloorBytes: 0, tunesByDefault: backend == MonitoringBackend.Kernel);
        foreach (var entry in carried)
        {
            entry.SharesMonitoring = carried.Count > 1 && IntervalsOf(entry.Planned.Scheme!) != plan.Intervals && plan.IntervalsGoal is null;
        }

        if (backend == MonitoringBackend.Kernel)
        {
            return plan;
        }

        Divide(plan.Intervals.Sample);
        return plan with { Limits = LimitsOf(_division!, _committed?.Limits) };
    }

    /// <summary>
    /// Other limits fold what is known and cut the sample interval short, so pods that come and go, and a cost that is measured a little differently, must not change them each time: by a quarter they may be
    /// off, and they change at most once a minute.
    /// </summary>
    private RegionLimits LimitsOf(ProbeDivision division, RegionLimits? before)
    {
        var max = Math.Clamp(division.Total, RegionLimits.LeastMin, RegionLimits.MostMax);
        if (before is { } limits && (!IsDue(_limitsAt, LimitsEvery) || (max < limits.Max * 1.25 && max > limits.Max * 0.75)))
        {
            return limits;
        }

        _limitsAt = _time.GetTimestamp();

        // An eighth spreads evenly over all memory, so that none of it is one region; the rest is for what is learned.
        return new RegionLimits(Math.Max(RegionLimits.LeastMin, max / 8), max);
    }

    private void MakeDriver(MonitoringPlan plan, MonitoringBackend backend)
    {
        var targets = new TargetOpener(_backends.Targets(backend), _stalls);
        if (backend == MonitoringBackend.Kernel)
        {
            _driver = new KernelDriver(_host, _time, _costClock, _backends.Kernel(KernelPlace.Pods), targets, _faults, plan, CpuCeiling, _machine, _log, _inputs.Wake, _book);
        }
        else
        {
            var random = new RandomSource(_options.Seed);
            IRegionPolicy policy = backend == MonitoringBackend.Referenced ? new MappingRegionPolicy() : RegionPolicies.Create(_options.RegionPolicy, plan.Limits, random);
            _driver = new SampledDriver(plan, policy, random, _time, _costClock, targets, _faults, _machine, _book, _stalls is null ? null : new GuardedLooks(_stalls));
        }

        (_backend, _committed, _driverFailedAt, _probesBefore) = (backend, plan, null, 0);
        SetPace();
    }

    /// <summary>Makes the session's processes equal to those of the containers that a scheme has.</summary>
    private void ServeContainers()
    {
        if (_driver is not { } driver)
        {
            return;
        }

        TakeEnded(driver);
        var wanted = new Dictionary<ProcessIdentity, ServedContainer>();
        foreach (var pod in _followedPods.Values)
        {
            foreach (var container in pod.Containers)
            {
                container.Failure = "";
                if (pod.IsShed || container.Schemes.Count == 0)
                {
                    continue;
                }

                foreach (var process in container.Memory.Processes)
                {
                    if (process.Pid > 1 && process.Pid != _options.OwnPid)
                    {
                        wanted[process] = container;
                    }
                }
            }
        }

        _leaving.Clear();
        foreach (var (process, container) in _members)
        {
            if (!wanted.TryGetValue(process, out var now) || !ReferenceEquals(now, container) || IsTooLarge(process))
            {
                _leaving.Add(process);
            }
        }

        foreach (var process in _leaving)
        {
            Leave(process, "it belongs to no container that a scheme has");
        }

        driver.Session.IsGathering = true;
        foreach (var (process, container) in wanted)
        {
            if (!_members.ContainsKey(process))
            {
                TryAdd(driver, process, container);
            }
        }

        driver.Session.IsGathering = false;

        foreach (var process in _refused.Keys)
        {
            if (!wanted.ContainsKey(process))
            {
                _refused.Remove(process);
            }
        }

        Weigh();
    }

    private void TakeEnded(SessionDriver driver)
    {
        _ended.Clear();
        driver.TakeEnded(_ended);
        foreach (var (process, state, reason) in _ended)
        {
            if (_members.Remove(process, out var container))
            {
                container.Processes.Remove(process);
                _byPid.Remove(process.Pid);
            }

            if (state != TargetState.Gone)
            {
                _refused[process] = (reason, _time.GetTimestamp());
            }
        }
    }

    private void TryAdd(SessionDriver driver, ProcessIdentity process, ServedContainer container)
    {
        if (_refused.TryGetValue(process, out var refused) && _time.GetElapsedTime(refused.Since) < RefusedFor)
        {
            container.Failure = refused.Reason;
            return;
        }

        if (IsTooLarge(process))
        {
            container.Failure = nameof(SafetyRail.LargeProcess);
            return;
        }

        HostError? error;
        try
        {
            error = driver.Add(new DrivenTarget(process, container, actor => Guard(actor, process, container), () => BudgetShareOf(container)));
        }
        catch (Exception e)
        {
            // It may be in the session by half.
            driver.Remove(process, "a bug in taking it in");
            _faults.Isolate(container.Memory.RuntimeId, "taking in a process", e);
            return;
        }

        if (error is { } failed)
        {
            if (failed.Kind != HostErrorKind.Vanished)
            {
                container.Failure = failed.ToString();
                _refused[process] = (container.Failure, _time.GetTimestamp());
            }

            return;
        }

        _members[process] = container;
        _byPid[process.Pid] = container;
        container.Processes.Add(process);
    }

    private double BudgetShareOf(ServedContainer container) => _followedPods.TryGetValue(container.Memory.PodUid, out var pod) ? pod.BudgetShare : 1;

    private ContainerActor Guard(IMemoryActor actor, ProcessIdentity process, ServedContainer container) =>
        new(new RailedActor(actor, _rails, container.Memory.PodUid, container.Memory.RuntimeId, _stalls, process, _time) { GoesOn = () => !_gate.IsOff }, process, container, _gate);

    private void Leave(ProcessIdentity process, string reason)
    {
        if (_members.Remove(process, out var container))
        {
            container.Processes.Remove(process);
            _byPid.Remove(process.Pid);
            _driver?.Remove(process, reason);
        }
    }

    private void LetGo(ServedContainer container)
    {
        foreach (var process in container.Processes.ToList())
        {
            Leave(process, "the container is gone");
        }
    }

    /// <summary>Referenced would hold the process's memory lock for too long.</summary>
    private bool IsTooLarge(ProcessIdentity process) =>
        _backend == MonitoringBackend.Referenced
        && _host.Read($"/proc/{process.Pid}/status", _reader).IsOk && ProcStatus.TryParse(_reader.Content, out var status) && status.RssBytes > LargeProcessBytes;

    /// <summary>Divides the looks at memory that the ceilings allow over the pods.</summary>
    private void Divide(TimeSpan sample)
    {
        var sizes = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (var target in _driver?.Session.Targets ?? [])
        {
            if (target.Group is { } group)
            {
                sizes[group] = sizes.GetValueOrDefault(group) + target.Regions.TotalBytes;
            }
        }

        foreach (var pod in _followedPods.Values)
        {
            (pod.IsShed, pod.Regions) = (false, 0);
        }

        var pods = ServedPods().OrderBy(pod => pod.Rank).ThenBy(pod => pod.Record.Uid, StringComparer.Ordinal).ToList();
        var ceilings = _intake.Rules.Spec.Ceilings;
        var cost = _driver?.ProbeCost ?? _options.AssumedProbeCost;
        var looks = CpuCeiling * ProbeShareOfCeiling / Math.Max(1e-8, cost.TotalSeconds);
        looks = Math.Min(looks, ceilings.ProbesPerSecond ?? double.MaxValue);
        var demands = pods.ConvertAll(pod => DemandOf(pod, sizes.GetValueOrDefault(pod.Record.Uid)));
        _division = ProbeBudget.Divide(looks, sample, LongestSample(sample), demands);
        for (var i = 0; i < pods.Count; i++)
        {
            pods[i].IsShed = i >= _division.Regions.Count || _costDecision.Shed.Contains(pods[i].Record.Uid, StringComparer.Ordinal);
            pods[i].Regions = i < _division.Regions.Count ? _division.Regions[i] : 0;
        }
    }

    /// <summary>The smaller of what the cluster's configuration and the agent's own flag allow, as a share of one CPU.</summary>
    private double CpuCeiling => Math.Min(_intake.Rules.Spec.Ceilings.AgentCpu.Share, _options.CpuCeiling ?? double.MaxValue);

    private TimeSpan LongestSample(TimeSpan sample) => sample > _options.LongestSampleInterval ? sample : _options.LongestSampleInterval;

    private PodDemand DemandOf(FollowedPod pod, ulong bytes)
    {
        int min = RegionLimits.LeastMin, max = min;
        foreach (var entry in _schemes)
        {
            if (entry.Description is not null && entry.Containers.Exists(container => container.Memory.PodUid == pod.Record.Uid))
            {
                var regions = entry.Planned.Scheme!.Spec.Monitoring.Regions;
                (min, max) = (Math.Max(min, regions.Min), Math.Max(max, Math.Max(regions.Min, regions.Max)));
            }
        }

        return new PodDemand(pod.Record.Uid, pod.Rank, bytes, min, max);
    }

    /// <summary>Regions per byte, so that each pod comes to its part whatever its size is.</summary>
    private void Weigh()
    {
        if (_driver is not SampledDriver { Session: var session })
        {
            return;
        }

        var sizes = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (var target in session.Targets)
        {
            sizes[target.Group!] = sizes.GetValueOrDefault(target.Group!) + target.Regions.TotalBytes;
        }

        foreach (var target in session.Targets)
        {
            if (_followedPods.TryGetValue(target.Group!, out var pod) && pod.Regions > 0 && sizes[target.Group!] > 0)
            {
                target.RegionWeight = pod.Regions * (double)(1UL << 30) / sizes[target.Group!];
            }
        }
    }

    private void SetPace()
    {
        if (_driver is { } driver && _committed is { } plan)
        {
            var sample = _division is { } division && _backend != MonitoringBackend.Kernel && division.Sample > plan.Intervals.Sample ? division.Sample : plan.Intervals.Sample;
            var longest = LongestSample(plan.Intervals.Sample);
            var wanted = sample * _costDecision.Stretch;
            driver.WantedSample = wanted > longest ? longest : wanted;
        }
    }

    /// <summary>Measures what the agent costs, and lengthens intervals or leaves pods out where that is above the ceilings.</summary>
    private void Govern()
    {
        var elapsed = _governedAt is { } at ? _time.GetElapsedTime(at) : TimeSpan.Zero;
        _governedAt = _time.GetTimestamp();
        var cpu = _options.OwnCpu();
        var probes = _driver?.Probes ?? 0;
        if (elapsed > TimeSpan.Zero)
        {
            _cpuShare = (cpu - _cpuBefore) / elapsed;
            _probesPerSecond = (probes - Math.Min(probes, _probesBefore)) / elapsed.TotalSeconds;
        }

        (_cpuBefore, _probesBefore) = (cpu, probes);
        GovernNode();
        if (_driver is not SampledDriver || _committed is not { } plan || elapsed <= TimeSpan.Zero)
        {
            SetPace();
            return;
        }

        var ceilings = _intake.Rules.Spec.Ceilings;
        _cost ??= new CostGovernor(_time, new CostCeilings(
            CpuCeiling, ceilings.ProbesPerSecond ?? 1e12, Math.Max(1, LongestSample(plan.Intervals.Sample) / plan.Intervals.Sample)));
        var pods = ServedPods().OrderBy(pod => pod.Rank).ThenBy(pod => pod.Record.Uid, StringComparer.Ordinal).ToList();
        var regions = Math.Max(1, pods.Sum(pod => pod.Regions));
        List<SessionCost> running = [.. pods.Where(pod => !pod.IsShed).Select(pod => new SessionCost(
            pod.Record.Uid, _cpuShare * pod.Regions / regions, _probesPerSecond * pod.Regions / regions))];
        _costDecision = _cost.Decide(_cpuShare, _probesPerSecond, running, [.. pods.Where(pod => pod.IsShed).Select(pod => pod.Record.Uid)]);
        SetPace();
    }

    /// <summary>
    /// What is owed belongs to a scheme and a pod. Where that scheme does not enforce on that pod any more (it is gone, its mode was lowered, the pod is another one's or opted out) it is put back.
    /// </summary>
    private void UndoWhatIsNotEnforced()
    {
        var enforcing = _schemes.Where(entry => entry.IsEnforcing || entry.ActsOnNode).ToList();
        var uids = enforcing.Select(entry => entry.Planned.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var ended in _enforced.Where(uid => !uids.Contains(uid)).ToList())
        {
            _enforced.Remove(ended);
            Undo(new LedgerScope(ended), "a scheme does not enforce any more");
        }

        _enforced.UnionWith(uids);
        if (_ledger is not { Count: > 0 } || (_undoneAt is { } at && _time.GetElapsedTime(at) < UndoAgainAfter))
        {
            return;
        }

        _undoneAt = _time.GetTimestamp();
        var wanted = enforcing.SelectMany(entry => entry.Containers.Select(container => (entry.Planned.Uid, container.Memory.PodUid))).ToHashSet();
        foreach (var (scheme, pod) in _ledger.OwedChanges.Select(change => (change.Scheme, change.Pod)).Distinct().Where(pair => !wanted.Contains(pair)).ToList())
        {
            Undo(new LedgerScope(scheme, pod), "a scheme does not enforce on a pod any more");
        }
    }
}
