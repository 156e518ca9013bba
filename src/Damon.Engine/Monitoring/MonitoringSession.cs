using Damon.Engine.Regions;

namespace Damon.Engine.Monitoring;

/// <summary>
/// One monitoring session: several targets, one set of regions each, and the schemes that act on what is found. The order of one round is
/// DAMON's: look, count, at the end of an aggregation merge, then apply schemes, then begin anew and split. Time is counted in sample
/// intervals; the caller waits between <see cref="BeginSample"/> and <see cref="EndSample"/>, so a simulation needs no clock at all.
/// </summary>
/// <remarks>
/// Single-threaded by design: there is no lock on the sampling path. In steady state a round allocates nothing; the benchmark
/// <c>SamplingLoop</c> and the test of the same law show it.
/// </remarks>
public sealed partial class MonitoringSession : IDisposable
{
    private const int MaxEndedTargets = 256;

    /// <summary>Rows of a new target's table; it grows in the first aggregations. A thousand processes must not cost a thousand full tables.</summary>
    private const int InitialRows = 64;

    private readonly IRegionPolicy _policy;
    private readonly RandomSource _random;
    private readonly TimeProvider _time;
    private readonly ISessionObserver? _observer;
    private readonly ISystemMemory? _machine;
    private readonly List<SessionTarget> _targets = [];
    private readonly List<EndedTarget> _ended = [];
    private readonly List<RegionTable> _tables = [];
    private SchemeRun[] _schemes;
    private readonly AddressRangeList _ranges = new();
    private AccessObservation[] _seen = new AccessObservation[1024];
    private ulong _passed;
    private ulong _nextAggregation;
    private uint _maxSeen;

    /// <summary>Makes a session without targets; nothing runs until the caller calls.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="policy">How regions learn.</param>
    /// <param name="random">The source of chance.</param>
    /// <param name="time">Times what looking and acting cost, for ceilings and for quotas by time.</param>
    /// <param name="observer">Sees what is found and done.</param>
    /// <param name="machine">The state of the machine, which goals and watermarks follow; without it those that need it say that it is missing.</param>
    /// <param name="runner">Where looks are carried out; null for the calling thread, which then waits for the kernel as long as it takes.</param>
    /// <exception cref="ArgumentException">The plan has errors; the message lists all of them.</exception>
    public MonitoringSession(
        MonitoringPlan plan,
        IRegionPolicy policy,
        RandomSource random,
        TimeProvider time,
        ISessionObserver? observer = null,
        ISystemMemory? machine = null,
        IProbeRunner? runner = null)
    {
        if (plan.Check() is { Count: > 0 } errors)
        {
            throw new ArgumentException($"The plan cannot be carried out: {string.Join("; ", errors)}", nameof(plan));
        }

        Plan = plan;
        Intervals = plan.Intervals;
        IsPaused = plan.IsPaused;
        _policy = policy;
        _random = random;
        _time = time;
        _observer = observer;
        _machine = machine;
        _runner = runner;
        _schemes = [.. plan.Schemes.Select((scheme, index) => new SchemeRun(index, scheme, plan.MinRegionBytes))];
        _nextAggregation = Intervals.SamplesPerAggregation;
        foreach (var scheme in _schemes)
        {
            scheme.Convert(Intervals);
            scheme.NextApplyInterval = scheme.IntervalsBetweenPasses;
        }
    }

    /// <summary>What was asked for, as of the latest <see cref="Commit"/>.</summary>
    public MonitoringPlan Plan { get; private set; }

    /// <summary>The intervals in force: the plan's, until they are tuned or changed.</summary>
    public MonitoringIntervals Intervals { get; private set; }

    /// <summary>Sampled time since the session began.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The targets that are monitored.</summary>
    public IReadOnlyList<SessionTarget> Targets => _targets;

    /// <summary>The targets that ended, with their reasons.</summary>
    public IReadOnlyList<EndedTarget> EndedTargets => _ended;

    /// <summary>The schemes, in the order of their rank.</summary>
    public IReadOnlyList<SchemeRun> Schemes => _schemes;

    /// <summary>Aggregations completed.</summary>
    public ulong Aggregations { get; private set; }

    /// <summary>The most addresses or mappings that one sample interval looked at.</summary>
    public int MaxProbesPerInterval { get; private set; }

    /// <summary>What the probes of all targets cost in the latest sample interval, clearing and looking together: the basis of a CPU ceiling.</summary>
    public TimeSpan LastPassCost { get; private set; }

    /// <summary>Targets that ended and are no longer listed in <see cref="EndedTargets"/>, because there were too many.</summary>
    public ulong ForgottenTargets { get; private set; }

    /// <summary>Regions of all targets.</summary>
    public int RegionCount
    {
        get
        {
            var count = 0;
            for (var i = 0; i < _tables.Count; i++)
            {
                count += _tables[i].Count;
            }

            return count;
        }
    }

    private uint Samples => Intervals.SamplesPerAggregation;

    private ulong UpdateSamples => (ulong)Math.Max(1, Intervals.Update.Ticks / Intervals.Sample.Ticks);

    /// <summary>Takes a target in and reads its address space.</summary>
    /// <param name="id">The caller's number for it, not negative, unique in the session.</param>
    /// <param name="probe">Looks at it; the session disposes it.</param>
    /// <param name="actor">Acts on it; the session disposes it.</param>
    /// <param name="group">With which other targets it shares a budget per group, as the processes of a pod do; null where it is alone.</param>
    /// <param name="schemes">The names of the schemes that serve it, also of such as a later plan brings; null for all. See <see cref="ServeTarget"/>.</param>
    /// <returns>The target; look at its <see cref="SessionTarget.State"/>: it may have ended at once.</returns>
    public SessionTarget AddTarget(int id, IAccessProbe probe, IMemoryActor actor, string? group = null, IReadOnlyList<string>? schemes = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        if (_targets.Exists(t => t.Id == id))
        {
            throw new ArgumentException($"Target {id} is in the session already.", nameof(id));
        }

        var target = new SessionTarget(id, probe, actor, new RegionTable(Plan.MinRegionBytes, _schemes.Length, InitialRows))
        {
            Group = group,
            Look = _runner is null ? null : new ProbeLook(id, group, probe),
        };
        target.Serve(schemes, _schemes);
        target.BudgetShare = group is null ? 1 : _targets.Find(other => other.Group == group)?.BudgetShare ?? 1;
        _targets.Add(target);
        _tables.Add(target.Regions);
        ReadAddressSpace(target);
        PlanReads(target);
        if (!IsGathering)
        {
            FitRegions();
        }

        DropEndedTargets();
        return target;
    }

    /// <summary>Takes a target out.</summary>
    /// <param name="id">Its number; an unknown one is ignored.</param>
    /// <param name="reason">Why, for people.</param>
    public void RemoveTarget(int id, string reason)
    {
        if (_targets.Find(t => t.Id == id) is { } target)
        {
            End(target, TargetState.Removed, reason);
            DropEndedTargets();
        }
    }

    /// <summary>Begins a sample interval: chooses what to look at and clears its accessed state. The caller then lets one sample interval pass.</summary>
    public void BeginSample()
    {
        if (BeginsPaused())
        {
            return;
        }

        var began = _time.GetTimestamp();
        var probes = _runner is { } runner ? PrepareElsewhere(runner) : PrepareHere();
        MaxProbesPerInterval = Math.Max(MaxProbesPerInterval, probes);
        DropEndedTargets();
        LastPassCost = _time.GetElapsedTime(began);
    }

    /// <summary>Ends a sample interval: looks, counts, and at the end of an aggregation merges, applies schemes and splits.</summary>
    /// <returns>Whether an aggregation was completed.</returns>
    public bool EndSample()
    {
        if (EndsPaused())
        {
            return false;
        }

        var began = _time.GetTimestamp();
        if (_runner is { } runner)
        {
            CheckElsewhere(runner);
        }
        else
        {
            for (var i = 0; i < _targets.Count; i++)
            {
                Count(_targets[i]);
            }
        }

        LastPassCost += _time.GetElapsedTime(began);
        DropEndedTargets();
        _passed++;
        Elapsed += Intervals.Sample;
        var aggregated = _passed >= _nextAggregation;
        if (aggregated)
        {
            Aggregations++;
            DecayLedgers();
            HoldAgesOfUnobserved();
            _policy.Merge(_tables, _maxSeen, Samples);
            _observer?.OnAggregated(this);
        }

        ApplyDueSchemes();
        if (aggregated)
        {
            _observer?.OnSchemesApplied(this);
            TuneIntervals();
            _maxSeen = 0;
            _nextAggregation = _passed + Samples;
            for (var i = 0; i < _tables.Count; i++)
            {
                _tables[i].ResetAggregation();
                _targets[i].WasObserved = _targets[i].ObservedSamples >= Samples;
                _targets[i].ObservedSamples = 0;
            }

            _policy.Split(_tables);
            ReadDueAddressSpaces();
        }

        _isSampling = false;
        return aggregated;
    }

    /// <summary>Ends every target.</summary>
    public void Dispose()
    {
        foreach (var target in _targets)
        {
            End(target, TargetState.Removed, "the session ended");
        }

        DropEndedTargets();
    }

    private int PrepareHere()
    {
        var probes = 0;
        for (var i = 0; i < _targets.Count; i++)
        {
            var target = _targets[i];
            target.Prepared = false;
            if (!target.IsServed)
            {
                continue;
            }

            target.Regions.PickSampleAddresses(_random);
            var outcome = target.Probe.Prepare(target.Regions.SampleAddresses);
            target.Prepared = outcome == ProbeOutcome.Ok;
            Note(target, outcome, target.Probe.LastError);
            probes += target.Regions.Count;
        }

        return probes;
    }

    private void Count(SessionTarget target)
    {
        var regions = target.Regions;
        if (!target.Prepared || regions.Count == 0)
        {
            return;
        }

        if (_seen.Length < regions.Count)
        {
            _seen = new AccessObservation[regions.Count * 2];
        }

        var seen = _seen.AsSpan(0, regions.Count);
        var outcome = target.Probe.Check(regions.Starts, regions.Ends, regions.SampleAddresses, seen);
        Note(target, outcome, target.Probe.LastError);
        if (outcome == ProbeOutcome.Ok)
        {
            Count(target, seen);
        }
    }

    private void Count(SessionTarget target, ReadOnlySpan<AccessObservation> seen)
    {
        var regions = target.Regions;
        target.ObservedSamples++;
        _maxSeen = Math.Max(_maxSeen, CountSeen(seen, regions.Accesses));
        if (target.Probe.Granularity == ProbeGranularity.Mapping)
        {
            var partly = regions.PartlyAccessed;
            for (var i = 0; i < seen.Length; i++)
            {
                partly[i] += seen[i] == AccessObservation.PartlyAccessed ? 1u : 0;
            }
        }
    }

    /// <summary>Any access, a partial one too, counts once.</summary>
    /// <returns>The highest count.</returns>
    private static uint CountSeen(ReadOnlySpan<AccessObservation> seen, Span<uint> accesses)
    {
        // Without branches: what a sample saw is close to chance.
        var max = 0u;
        for (var i = 0; i < seen.Length; i++)
        {
            var count = accesses[i] + (seen[i] == AccessObservation.NotAccessed ? 0u : 1u);
            accesses[i] = count;
            max = Math.Max(max, count);
        }

        return max;
    }

    /// <summary>Memory that was not looked at all the time has not been seen to stay as it was: it does not grow older.</summary>
    private void HoldAgesOfUnobserved()
    {
        for (var i = 0; i < _targets.Count; i++)
        {
            _targets[i].Regions.HoldsAges = _targets[i].ObservedSamples < Samples;
        }
    }

    private static void Note(SessionTarget target, ProbeOutcome outcome, string error)
    {
        switch (outcome)
        {
            case ProbeOutcome.Gone:
                End(target, TargetState.Gone, error);
                break;
            case ProbeOutcome.Denied:
                End(target, TargetState.Denied, error);
                break;
            case ProbeOutcome.Unsupported:
                End(target, TargetState.Unsupported, error);
                break;
            case ProbeOutcome.TryAgain:
                target.MissedPasses++;
                target.LastMiss = error;
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// A young process still maps its memory: it is read again after one aggregation, then after twice as long each time, until the update interval
    /// is reached. DAMON waits for a whole update interval at once.
    /// </summary>
    private void PlanReads(SessionTarget target)
    {
        target.ReadEvery = Samples;
        target.NextRead = _passed + target.ReadEvery;
    }

    private void ReadDueAddressSpaces()
    {
        var read = false;
        for (var i = 0; i < _targets.Count; i++)
        {
            var target = _targets[i];
            if (_passed >= target.NextRead)
            {
                target.ReadEvery = Math.Min(target.ReadEvery * 2, UpdateSamples);
                target.NextRead = _passed + target.ReadEvery;
                ReadAddressSpace(target);
                read = true;
            }
        }

        if (read)
        {
            DropEndedTargets();
            FitRegions();
        }
    }

    private void ReadAddressSpace(SessionTarget target)
    {
        ProbeOutcome outcome;
        if (_runner is { } runner)
        {
            outcome = ReadRangesElsewhere(runner, target);
        }
        else
        {
            outcome = target.Probe.ReadAddressSpace(_ranges);
            Note(target, outcome, target.Probe.LastError);
        }

        if (outcome != ProbeOutcome.Ok)
        {
            return;
        }

        if (_ranges.Count == 0)
        {
            // A process that is about to end or to execute another program: what is known of it stays until its probe says which.
            return;
        }

        FoldRanges(target);
        target.Regions.FollowRanges(_ranges.Ranges);
        if (target.Probe.Granularity == ProbeGranularity.Mapping)
        {
            // What budgets have cut is not learned, and nothing else joins it again.
            target.Regions.JoinWithin(_ranges.Ranges);
            target.Mappings = _ranges.Count;
        }
    }

    private void FitRegions()
    {
        _policy.Fit(_tables);
        if (RegionCount <= Plan.Limits.Max)
        {
            return;
        }

        // Each target was given its share of the regions when there were fewer targets, and over a gap nothing merges.
        foreach (var target in _targets)
        {
            FoldKnownRanges(target);
        }

        _policy.Fit(_tables);
    }

    private static void End(SessionTarget target, TargetState state, string reason)
    {
        if (target.State == TargetState.Active)
        {
            target.State = state;
            target.Reason = reason;
        }
    }

    private void DropEndedTargets()
    {
        for (var i = _targets.Count - 1; i >= 0; i--)
        {
            var target = _targets[i];
            if (target.State == TargetState.Active)
            {
                continue;
            }

            _targets.RemoveAt(i);
            _tables.RemoveAt(i);
            if (_ended.Count == MaxEndedTargets)
            {
                // A target that forks by the thousand must not fill the memory with the dead.
                _ended.RemoveAt(0);
                ForgottenTargets++;
            }

            _ended.Add(new EndedTarget(target.Id, target.State, target.Reason, target.AppliedBytes));
            target.CloseProbe();
            target.Actor.Dispose();
        }
    }
}
