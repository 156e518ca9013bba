using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// Has one kdamond carry schemes out, pass by pass: what is enforced gets one grant at a time (<see cref="KernelLease"/>), what is observed counts on. A step takes back what was granted, reads exactly
/// what it did, measures the effect, and grants anew where no rail, watermark or budget is against it.
/// </summary>
/// <remarks>
/// One thread; every call may block for as long as the kernel does. The places of a context: what is observed first, where it stays, then what is enforced. A grant must stand in a new scheme,
/// because only that has nothing charged, and new schemes begin at the end: so a step first makes the enforced ones inert, which stops them between two of the kernel's samples and keeps their counts
/// for the reading, then leaves them out, then commits the new ones. Dying between any two of these leaves nothing that acts.
/// </remarks>
public sealed class KernelEnforcer
{
    /// <summary>The smallest region of DAMON, a page of the smallest size: a smaller budget does nothing.</summary>
    private const ulong MinRegionBytes = 4096;

    /// <summary>A group with less headroom than this is left alone, so that one near its floor does not slow all others down to nothing.</summary>
    private const ulong LeastHeadroomBytes = 4UL << 20;

    /// <summary>A rail is looked at this often at the least.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(5);

    /// <summary>After so long without a commit, which looks by itself, it is looked whether the kdamond still is as it was left.</summary>
    private static readonly TimeSpan LongestUnseen = TimeSpan.FromSeconds(3);

    private readonly IKdamond _kdamond;
    private readonly IKernelScope _scopes;
    private readonly IEffectMeter _meter;
    private readonly IKernelThreadClock _cpu;
    private readonly ISystemMemory? _machine;
    private readonly Func<string> _hold;
    private readonly TimeProvider _time;
    private readonly List<CgroupEffect> _effects = [];
    private KernelEnforcementPlan _plan;
    private List<Place> _observed = [];
    private List<Place> _enforced = [];
    private List<Place> _places = [];
    private KernelScope _scope = KernelScope.Empty;
    private MonitoringIntervals _intervals;
    private long _startedAt;
    private long _readAt;
    private long _cpuReadAt;
    private long _seenAt;
    private TimeSpan _settledAt;
    private TimeSpan? _cpuAt;
    private double? _baseline;
    private bool _isStarted;
    private bool _isFrozen = true;

    /// <summary>Makes one; nothing is read or done yet.</summary>
    /// <param name="kdamond">The kdamond, of this enforcer alone.</param>
    /// <param name="scopes">What schemes may be about.</param>
    /// <param name="plan">What to do.</param>
    /// <param name="meter">Measures effects.</param>
    /// <param name="cpu">Measures the kdamond.</param>
    /// <param name="machine">For goals and watermarks, all of which are evaluated here: a scheme that the kernel's own watermarks keep asleep would wake up after the agent's death.</param>
    /// <param name="hold">Says which safety rail holds actions back now; empty where none does.</param>
    /// <param name="time">The clock.</param>
    public KernelEnforcer(
        IKdamond kdamond, IKernelScope scopes, KernelEnforcementPlan plan, IEffectMeter meter, IKernelThreadClock cpu, ISystemMemory? machine, Func<string> hold, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _kdamond = kdamond;
        _scopes = scopes;
        _plan = plan;
        _meter = meter;
        _cpu = cpu;
        _machine = machine;
        _hold = hold;
        _time = time;
        _intervals = plan.Intervals;
        Adopt(plan);
    }

    /// <summary>How often <see cref="Step"/> is to be called.</summary>
    public TimeSpan Interval { get; private set; }

    /// <summary>What became of each scheme.</summary>
    public IReadOnlyList<KernelSchemeStatus> Schemes => [.. _places.Select(place => place.Status)];

    /// <summary>What the schemes were about in the latest step.</summary>
    public KernelScope Scope => _scope;

    /// <summary>The intervals in force.</summary>
    public MonitoringIntervals Intervals => _intervals;

    /// <summary>How often the kdamond had ended, or been turned off, without us.</summary>
    public ulong Restarts { get; private set; }

    /// <summary>Whether the kernel may act now: a grant stands that has not been taken back.</summary>
    public bool IsGranted => !_isFrozen;

    /// <summary>What the grants that stand may take from memory.</summary>
    public ulong GrantedLeavingBytes => _isFrozen ? 0 : _enforced.Aggregate(0UL, (sum, place) => place is { Grant.Quota: { } quota, Status.Description.Action: SchemeAction.Pageout } ? QuotaWindow.Add(sum, quota.SizeBytes) : sum);

    /// <summary>Looks what there is and turns the kdamond on. Nothing is enforced before the first <see cref="Step"/>.</summary>
    public KernelOutcome Start()
    {
        _startedAt = _time.GetTimestamp();
        return Launch();
    }

    /// <summary>Why nothing can ever be done, where that is so for every scheme; empty where one is carried out, observed, or only waits for a control group.</summary>
    public string Hopeless => _places.TrueForAll(place => place.Compiled is { Scheme: null } && place.Status.Reason is not (KernelSchemeReason.NoEligibleCgroup or KernelSchemeReason.TooManyCgroups or KernelSchemeReason.LeaseTooLong))
        ? string.Join("; ", _places.Select(place => $"{place.Status.Description.Name}: {place.Status.Reason}: {place.Status.Message}"))
        : "";

    /// <summary>One round: take back, read, measure, grant.</summary>
    public KernelOutcome Step()
    {
        if (!_isStarted)
        {
            return Launch();
        }

        if (FindLoss() is { IsDone: false } lost)
        {
            return Note(lost);
        }

        var now = Now;
        var held = _hold();
        if (!_isFrozen && held.Length == 0 && now < _settledAt)
        {
            // Its pass may still be to come; taken back now it would never act.
            return KernelOutcome.Done;
        }

        var outcome = TryRenew(now, held, out var renewed);
        if (renewed || !outcome.IsDone)
        {
            return Note(outcome);
        }

        outcome = TakeBack();
        if (!outcome.IsDone)
        {
            return Note(outcome);
        }

        return Note(Refresh() ? Grant(now, held) : new KernelOutcome(KernelOutcomeKind.TargetVanished, "what the schemes are about cannot be read; nothing is granted"));
    }

    /// <summary>Takes every grant back at once: for a rail that trips between two steps.</summary>
    public KernelOutcome Rest() => _isStarted ? Note(TakeBack()) : KernelOutcome.Done;

    /// <summary>
    /// Puts another plan in force; what the kernel has learned stays, and so does what is known of each scheme that keeps its name: its counts, and what of its budget is used. What was granted under the plan
    /// before is taken back first. The next <see cref="Step"/> grants anew.
    /// </summary>
    /// <param name="plan">The plan, for the same kind of memory.</param>
    /// <returns>Where it is not done the plan before stays, with nothing granted.</returns>
    public KernelOutcome Replan(KernelEnforcementPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Operations != _plan.Operations)
        {
            throw new ArgumentException($"A kdamond of {_plan.Operations} cannot be one of {plan.Operations}.", nameof(plan));
        }

        if (_isStarted)
        {
            // Without any scheme in between, so that none of the new plan finds the counts of another one in its place.
            var outcome = TakeBack();
            outcome = outcome.IsDone ? CommitChecked(() => ContextOf([])) : outcome;
            if (!outcome.IsDone)
            {
                return Note(outcome);
            }
        }

        var isTunedAlike = plan.Intervals == _plan.Intervals && plan.IntervalsGoal == _plan.IntervalsGoal;
        Adopt(plan);
        _intervals = isTunedAlike && _enforced.Count == 0 ? _intervals : plan.Intervals;
        return KernelOutcome.Done;
    }

    /// <summary>Moves what grants have really changed since the last call to a list.</summary>
    /// <param name="effects">The list.</param>
    public void TakeEffects(ICollection<CgroupEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        _effects.ForEach(effects.Add);
        _effects.Clear();
    }

    /// <summary>Takes every grant back, reads what it did, and turns the kdamond off.</summary>
    public KernelOutcome Stop()
    {
        if (_isStarted)
        {
            // Where this fails the kdamond is turned off all the same; only the last counts are missing then.
            TakeBack();
            _isStarted = false;
        }

        return _kdamond.Stop();
    }

    /// <summary>Where nothing is due nothing is committed, and nobody would see that somebody else has the interface now, or turned the kdamond off.</summary>
    private KernelOutcome FindLoss()
    {
        if (_time.GetElapsedTime(_seenAt) < LongestUnseen)
        {
            return KernelOutcome.Done;
        }

        var outcome = _kdamond.Verify();
        if (outcome.Kind == KernelOutcomeKind.Busy)
        {
            // Locked for the moment. What is to be committed will say so itself.
            return KernelOutcome.Done;
        }

        _seenAt = _time.GetTimestamp();
        return outcome;
    }

    private KernelOutcome Commit(KernelContext context)
    {
        var outcome = _kdamond.Commit(context);
        if (outcome.IsDone)
        {
            _seenAt = _time.GetTimestamp();
        }

        return outcome;
    }

    /// <summary>A pass may begin at an address: one list of physical memory, and a kernel that can leave out what lies below.</summary>
    private bool BeginsAnywhere => _plan.Operations == KernelOperations.Paddr && _kdamond.Features.Filters.Contains(SchemeFilterType.Address);

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    private static bool IsObserved(SchemeDescription scheme, KernelEnforcementPlan plan) =>
        scheme.Mode == SchemeMode.Observe || scheme.Action == SchemeAction.Stat || (plan.Operations == KernelOperations.Paddr && !plan.NodeTargetsAllowed);

    /// <summary>A pass comes up to an aggregation after its grant; one that is taken back before it came would never act.</summary>
    private TimeSpan PassIntervalOf(SchemeDescription scheme)
    {
        var pass = scheme.ApplyInterval > KernelSchemeCompiler.ShortestPass ? scheme.ApplyInterval : KernelSchemeCompiler.ShortestPass;
        return pass > _plan.Intervals.Aggregation * 2 ? pass : _plan.Intervals.Aggregation * 2;
    }

    /// <summary>Who is observed and who is enforced is decided for a whole plan: a scheme that changed sides would move the places of all others.</summary>
    private void Adopt(KernelEnforcementPlan plan)
    {
        var known = _places.ToDictionary(place => place.Status.Description.Name, StringComparer.Ordinal);
        _plan = plan;
        _places = [.. plan.Schemes.Select(scheme => known.Remove(scheme.Name, out var place) ? place.Take(scheme) : new Place(scheme, MinRegionBytes))];
        _observed = _places.FindAll(place => IsObserved(place.Status.Description, plan));
        _enforced = _places.FindAll(place => !IsObserved(place.Status.Description, plan));
        _places.ForEach(place => place.Forget());
        var shortest = _places.Count == 0 ? KernelSchemeCompiler.ShortestPass : _places.Min(place => PassIntervalOf(place.Status.Description));
        Interval = shortest < LongestStep ? shortest : LongestStep;
    }

    private KernelOutcome Launch()
    {
        _intervals = _plan.Intervals;
        if (!Refresh())
        {
            return new KernelOutcome(KernelOutcomeKind.TargetVanished, "what the schemes are about cannot be read; nothing is started");
        }

        if (!_isFrozen)
        {
            AccountUnknown();
        }

        foreach (var place in _places)
        {
            place.Forget();
        }

        _isFrozen = true;
        if (Hopeless is { Length: > 0 } hopeless)
        {
            return new KernelOutcome(KernelOutcomeKind.Unsupported, hopeless);
        }

        var outcome = _kdamond.Start(ContextOf(Observed()));
        if (outcome.Kind == KernelOutcomeKind.TargetVanished && Refresh())
        {
            outcome = _kdamond.Start(ContextOf(Observed()));
        }

        _isStarted = outcome.IsDone;
        _seenAt = _time.GetTimestamp();
        ReadCpu();
        return outcome;
    }

    private KernelOutcome Note(KernelOutcome outcome)
    {
        if (outcome.Kind is KernelOutcomeKind.NotRunning or KernelOutcomeKind.Vanished)
        {
            // It ended without us: begun anew with the next step.
            _isStarted = false;
            Restarts++;
        }

        return outcome;
    }

    private bool Refresh()
    {
        if (!_scopes.Read().TryGet(out var scope))
        {
            _scope = KernelScope.Empty;
            return false;
        }

        _scope = scope;
        Compile();
        return true;
    }

    private void Compile()
    {
        foreach (var place in _places)
        {
            var scheme = place.Status.Description;
            place.Cgroups = CgroupsOf(place);
            var compiled = KernelSchemeCompiler.Compile(
                scheme, _plan.Operations, _intervals, _kdamond.Features, _scope with { Cgroups = place.Cgroups, CgroupsByScheme = null }, _plan.NodeTargetsAllowed, _plan.LongestGrant);
            place.Compiled = compiled;
            (place.Status.Reason, place.Status.Message) = (compiled.Reason, compiled.Message);
            place.Status.IsMeasured = _meter.CanMeasure(scheme.Action);
        }
    }

    private List<EligibleCgroup> CgroupsOf(Place place)
    {
        // Whatever the smallest of them is given, no group falls below its floor by it: so each has to have room for all of it.
        var takes = place.Status.Description.Action == SchemeAction.Pageout;
        var ordinal = place.Window.Windows + (place.Window.IsOver(Now) ? 1UL : 0);
        var isEnforced = _enforced.Contains(place);
        return [.. _scope.CgroupsOf(place.Status.Description.Name).Where(cgroup => (!takes || cgroup.HeadroomBytes >= LeastHeadroomBytes) && (!isEnforced || TakesPart(cgroup.Share, ordinal)))];
    }

    /// <summary>Spreads the windows in which a group takes part evenly: of any n windows in a row it is at most one more than its share of n.</summary>
    private static bool TakesPart(double share, ulong window) => share >= 1 || Math.Floor(share * window) > Math.Floor(share * (window - 1.0));

    /// <summary>Those that stand in the first places whatever happens: only such a scheme's counts go on from commit to commit.</summary>
    private List<KernelScheme> Observed() =>
        [.. _observed.Select(place => place.Compiled is { Scheme: { } scheme, Enforces: false } ? scheme : KernelScheme.Inert)];

    private KernelContext ContextOf(IReadOnlyList<KernelScheme> schemes) => new(_plan.Operations, _intervals, _plan.Limits, _scope.Targets, schemes)
    {
        IntervalsGoal = _plan.IntervalsGoal is { } goal && _kdamond.Features.HasIntervalsGoal && _enforced.Count == 0 ? goal : null,
    };

    private KernelOutcome CommitChecked(Func<KernelContext> make)
    {
        var context = make();
        if (IsInForce(context))
        {
            return KernelOutcome.Done;
        }

        var outcome = Commit(context);
        if (outcome.Kind == KernelOutcomeKind.TargetVanished && Refresh())
        {
            // A group or process went between the look and the commit. Once more without it; should another have gone by then, the next step is soon enough.
            outcome = Commit(make());
        }

        return outcome;
    }

    private bool IsInForce(KernelContext context) =>
        _kdamond.Context is { } now && now.Intervals == context.Intervals && now.IntervalsGoal == context.IntervalsGoal
        && now.Targets.SequenceEqual(context.Targets) && now.Schemes.SequenceEqual(context.Schemes);

    /// <summary>Where nothing was charged the same scheme gets one more pass with one commit of one file, which is how a node looks most of the time.</summary>
    private KernelOutcome TryRenew(TimeSpan now, string held, out bool renewed)
    {
        renewed = false;
        if (_isFrozen || held.Length > 0 || !_kdamond.ReadStatistics().TryGet(out var statistics))
        {
            return KernelOutcome.Done;
        }

        var observers = Observed();
        if (statistics.Count != observers.Count + _enforced.Count || !_scopes.Read().TryGet(out var scope) || !IsAbout(scope))
        {
            return KernelOutcome.Done;
        }

        _scope = scope;
        var leaving = scope.MostLeavingBytes;
        for (var i = 0; i < _enforced.Count; i++)
        {
            var (place, counted) = (_enforced[i], statistics[observers.Count + i]);
            if (place.Grant is not { } grant || counted.TriedBytes > 0 || counted.Snapshots < grant.MaxSnapshots || place.Start > 0 || now < place.DueAt || Offer(place, now, ref leaving) != grant.Quota!.SizeBytes)
            {
                return KernelOutcome.Done;
            }
        }

        for (var i = 0; i < _enforced.Count; i++)
        {
            var place = _enforced[i];
            place.Grant = KernelLease.Renew(place.Grant!, statistics[observers.Count + i].Snapshots, _scope.Targets.Count);
            place.Before = ReadLevels(place);
            place.Status.MatchedNowBytes = 0;
        }

        AccountObserved(statistics);
        NoteIdle();
        var outcome = Commit(ContextOf([.. observers, .. _enforced.Select(place => place.Grant!)]));
        if (outcome.Kind == KernelOutcomeKind.TargetVanished)
        {
            return KernelOutcome.Done;
        }

        renewed = outcome.IsDone;
        if (renewed)
        {
            NoteGranted(_enforced, now);
        }

        return outcome;
    }

    /// <summary>
    /// Whether the schemes in force would be compiled the same: which groups have room may change, by how much is the budget's concern. Where a group passes windows over, the next one may be another's turn.
    /// </summary>
    private bool IsAbout(KernelScope scope) =>
        scope.Targets.SequenceEqual(_scope.Targets) && _places.TrueForAll(place =>
        {
            var (now, before) = (scope.CgroupsOf(place.Status.Description.Name), _scope.CgroupsOf(place.Status.Description.Name));
            return now.Select(Identity).SequenceEqual(before.Select(Identity)) && now.All(cgroup => cgroup.Share >= 1);
        });

    private static (string Path, bool HasRoom, bool KeepsAnonymous) Identity(EligibleCgroup cgroup) => (cgroup.Path, cgroup.HeadroomBytes >= LeastHeadroomBytes, cgroup.KeepsAnonymous);

    private void NoteGranted(List<Place> places, TimeSpan now)
    {
        // Twice what the intervals say: kdamonds are late on a busy machine.
        _settledAt = now + (KernelLease.LongestDelay(_intervals, _scope.Targets.Count) * 2);
        foreach (var place in places)
        {
            place.Granted(now + PassIntervalOf(place.Status.Description));
        }
    }

    private IReadOnlyDictionary<string, EffectLevel>? ReadLevels(Place place) =>
        _meter.CanMeasure(place.Status.Description.Action) ? _meter.ReadLevels(place.Status.Description.Action, NodeOf(place.Status.Description), [.. place.Cgroups.Where(cgroup => !cgroup.IsWithin)]) : null;

    /// <summary>Ends what was granted, and reads what it came to once nothing more can be added to it.</summary>
    private KernelOutcome TakeBack()
    {
        if (!_isFrozen)
        {
            var outcome = CommitChecked(() => ContextOf([.. Observed(), .. _enforced.Select(_ => KernelScheme.Inert)]));
            if (!outcome.IsDone)
            {
                return outcome;
            }
        }

        var read = _kdamond.ReadStatistics();
        if (read.TryGet(out var statistics))
        {
            AccountObserved(statistics);
            if (!_isFrozen && statistics.Count == _observed.Count + _enforced.Count)
            {
                AccountGrants([.. statistics.Skip(_observed.Count)]);
            }
        }
        else if (!_isFrozen)
        {
            // Not known what was used: all of it counts as used.
            AccountUnknown();
        }

        _isFrozen = true;
        return read.IsOk || read.Error.Kind != HostErrorKind.Vanished ? KernelOutcome.Done : new KernelOutcome(KernelOutcomeKind.NotRunning, read.Error.ToString());
    }

    private void AccountObserved(IReadOnlyList<KernelSchemeStatistics> statistics)
    {
        for (var i = 0; i < _observed.Count && i < statistics.Count; i++)
        {
            var (place, counted, before) = (_observed[i], statistics[i], _observed[i].Counted);
            if (counted.TriedBytes < before.TriedBytes || counted.Snapshots < before.Snapshots)
            {
                // Counts that fall are those of a scheme that began anew.
                before = default;
            }

            var bytes = _kdamond.Features.HasFilterPassed && place.Compiled?.Scheme?.Filters.Count > 0 ? counted.FilterPassedBytes - Math.Min(counted.FilterPassedBytes, before.FilterPassedBytes) : counted.TriedBytes - before.TriedBytes;
            var passes = counted.Snapshots - before.Snapshots;
            if (!_kdamond.Features.HasSnapshotLimit)
            {
                // A kernel that does not count passes makes one in every interval.
                passes = (ulong)Math.Max(1, _time.GetElapsedTime(_readAt) / KernelSchemeCompiler.ShortestPass);
            }

            if (passes > 0)
            {
                place.Status.MatchedNowBytes = bytes / passes;
            }

            place.Status.TriedBytes += counted.TriedBytes - before.TriedBytes;
            place.Counted = counted;
        }

        _readAt = _time.GetTimestamp();
    }

    private void AccountGrants(List<KernelSchemeStatistics> statistics)
    {
        var cpu = SpendCpu(tried: statistics.Exists(counted => counted.TriedBytes > 0));
        var charges = statistics.ConvertAll(counted => KernelLease.ChargeOf(counted, _kdamond.Features.HasFailedCharge));
        var total = charges.Aggregate(0UL, QuotaWindow.Add);
        for (var i = 0; i < _enforced.Count; i++)
        {
            var (place, counted, charge) = (_enforced[i], statistics[i], charges[i]);
            if (place.Grant is null)
            {
                continue;
            }

            place.Window.Charge(charge);
            place.Start = NextStartOf(place, counted, charge);
            if (cpu is { } spent && charge > 0)
            {
                place.Window.BookTime(charge, spent * ((double)charge / total));
            }

            var status = place.Status;
            status.TriedBytes += counted.TriedBytes;
            status.SaidBytes += counted.AppliedBytes;
            status.MatchedNowBytes = _kdamond.Features.HasFilterPassed ? counted.FilterPassedBytes : counted.TriedBytes;
            place.Said = counted.AppliedBytes;
        }

        MeasureEffects();
    }

    private ulong NextStartOf(Place place, in KernelSchemeStatistics counted, ulong charge)
    {
        if (!BeginsAnywhere)
        {
            return 0;
        }

        var next = KernelLease.NextStart(place.Start, counted, charge, place.Grant!, MinRegionBytes);
        return _scope.Targets is [.., { Ranges: [.., var last] }] && next < last.End ? next : 0;
    }

    private void AccountUnknown()
    {
        foreach (var place in _enforced.Where(place => place.Grant is not null))
        {
            place.Window.Charge(place.Grant!.Quota!.SizeBytes);
            (place.Grant, place.Said, place.Before) = (null, 0, null);
        }
    }

    /// <summary>Schemes that change the same thing in the same group share what was measured, in the order of their rank: no byte counts twice.</summary>
    private void MeasureEffects()
    {
        var left = new Dictionary<(SchemeAction Action, int? Node, string Path), (ulong Bytes, ulong Swapped)>();
        foreach (var place in _enforced.Where(place => place.Grant is not null))
        {
            var (action, node) = (place.Status.Description.Action, NodeOf(place.Status.Description));
            var (before, said) = (place.Before, place.Said);
            (place.Grant, place.Said, place.Before) = (null, 0, null);
            if (before is null || said == 0)
            {
                continue;
            }

            foreach (var (path, level) in _meter.ReadLevels(action, node, [.. before.Keys.Where(path => !left.ContainsKey((action, node, path))).Select(path => new EligibleCgroup(path))]))
            {
                left[(action, node, path)] = ((ulong)Math.Max(0, level.TotalBytes - before[path].TotalBytes), (ulong)Math.Max(0, level.SwappedBytes - before[path].SwappedBytes));
            }

            List<string> paths = [.. before.Keys.Where(path => left.ContainsKey((action, node, path)))];
            var measured = paths.Aggregate(0UL, (sum, path) => QuotaWindow.Add(sum, left[(action, node, path)].Bytes));
            var effect = Math.Min(measured, said);
            var rest = effect;
            foreach (var path in paths)
            {
                // Rounded up, so that the parts add up to the whole.
                var (bytes, swapped) = left[(action, node, path)];
                var part = Math.Min(rest, measured == 0 ? 0 : (ulong)((((UInt128)bytes * effect) + measured - 1) / measured));
                rest -= part;
                left[(action, node, path)] = (bytes - part, swapped - Math.Min(swapped, part));
                if (part > 0)
                {
                    _effects.Add(new CgroupEffect(place.Status.Description.Name, action, path, Math.Min(swapped, part), part - Math.Min(swapped, part)));
                }
            }

            place.Status.EffectBytes += effect;
            place.Status.NoEffectGrants += effect == 0 ? 1UL : 0;
        }
    }

    private KernelOutcome Grant(TimeSpan now, string held)
    {
        RefreshIntervals();
        var due = new List<Place>();
        var leaving = _scope.MostLeavingBytes;
        foreach (var place in _enforced)
        {
            if (place.Compiled is not { Enforces: true })
            {
                // Without this a window in which only groups with a share are there, and none of them takes part, would never end.
                place.Window.Advance(now);
            }

            place.Status.HeldBy = "";
            var bytes = place.Compiled is { Enforces: true } && now >= place.DueAt ? Offer(place, now, ref leaving) : 0;
            place.Status.HeldBy = held.Length > 0 ? held : place.Status.HeldBy;
            place.Wanted = held.Length > 0 ? 0 : bytes;
            if (place.Wanted > 0)
            {
                due.Add(place);
            }
        }

        // The schemes that were made inert go, so that those that come are new ones; and where nothing is due, nothing comes.
        var outcome = CommitChecked(() => ContextOf(Observed()));
        if (!outcome.IsDone || due.Count == 0)
        {
            NoteIdle();
            return outcome;
        }

        foreach (var place in due)
        {
            place.Before = ReadLevels(place);
        }

        ReadCpu();
        if (_hold() is { Length: > 0 } late)
        {
            // Reading, and committing without the schemes, has taken a while.
            due.ForEach(place => place.Status.HeldBy = late);
            NoteIdle();
            return KernelOutcome.Done;
        }

        // From here on the kernel may act, also where the commit's answer is lost.
        _isFrozen = false;
        outcome = CommitChecked(() => ContextOf([.. Observed(), .. _enforced.Select(GrantOf)]));
        if (!outcome.IsDone)
        {
            _isFrozen = outcome.Kind is KernelOutcomeKind.NotRunning or KernelOutcomeKind.Vanished;
            return outcome;
        }

        NoteGranted([.. due.Where(place => place.Grant is not null)], now);
        return outcome;
    }

    /// <summary>After a look in between the scheme may not be carried out any more, or fewer groups may have less room.</summary>
    private KernelScheme GrantOf(Place place)
    {
        var bytes = place.Compiled is { Enforces: true } ? Math.Min(place.Wanted, RoomOf(place)) : 0;
        place.Grant = bytes >= MinRegionBytes ? Lease(place.Compiled!.Scheme!, place, bytes) : null;
        return place.Grant ?? KernelScheme.Inert;
    }

    private KernelScheme Lease(KernelScheme scheme, Place place, ulong bytes) => KernelLease.Grant(
        scheme, place.Status.Description.Quota, bytes, _scope.Targets.Count, _intervals.Aggregation, _kdamond.Features.HasFailedCharge, _plan.Operations == KernelOperations.Paddr ? place.Start : null);

    private static ulong RoomOf(Place place) => place.Status.Description.Action != SchemeAction.Pageout ? ulong.MaxValue
        : place.Cgroups.Select(cgroup => cgroup.HeadroomBytes).DefaultIfEmpty().Min();

    /// <summary>A scheme's part of what all of a step may take, the better rank first.</summary>
    private ulong Offer(Place place, TimeSpan now, ref ulong leavingBytes)
    {
        var bytes = BudgetOf(place, now);
        if (place.Status.Description.Action == SchemeAction.Pageout)
        {
            var wanted = bytes;
            bytes = place.Status.GrantedBytes = Math.Min(bytes, leavingBytes) / MinRegionBytes * MinRegionBytes;
            leavingBytes -= bytes;
            place.Status.HeldBy = wanted > 0 && bytes == 0 ? "what all schemes together may take from memory is used up" : place.Status.HeldBy;
        }

        return bytes;
    }

    private ulong BudgetOf(Place place, TimeSpan now)
    {
        var (description, window, status) = (place.Status.Description, place.Window, place.Status);
        place.Watermark?.Advance(now, _machine);
        if (place.Watermark is { IsResting: true } mark)
        {
            status.HeldBy = mark.RestReason;
            return 0;
        }

        if (description.Quota.Time > TimeSpan.Zero && _baseline is null)
        {
            // The share that the kdamond needs for looking alone is measured first; without it, and where nothing can be measured, its actions cannot be told from its looks.
            status.HeldBy = _cpuAt is null ? "RailUnmeasurable: the kdamond's CPU time cannot be read, so quota.time cannot be kept" : "the kdamond's own cost is measured first";
            return 0;
        }

        status.HeldBy = "";
        if (window.IsOver(now))
        {
            status.GoalError = GoalReader.Read(window.Goals, _machine, now, window.Quota.Interval);
            window.Advance(now);
            status.QuotaExceededWindows = window.ExceededWindows;
        }

        if (window.Quota.Goals.Count > 0 && window.EffectiveBytes < MinRegionBytes)
        {
            status.HeldBy = "its goals are met";
        }

        var bytes = Math.Min(Math.Min(window.LeftBytes, KernelLease.MostBytes), RoomOf(place)) / MinRegionBytes * MinRegionBytes;
        return status.GrantedBytes = bytes;
    }

    private void RefreshIntervals()
    {
        if (_plan.IntervalsGoal is null || _enforced.Count > 0 || !_kdamond.ReadIntervals().TryGet(out var intervals) || intervals == _intervals)
        {
            return;
        }

        _intervals = intervals;
        Compile();
    }

    private void ReadCpu()
    {
        _cpuAt = _kdamond.ReadState().TryGet(out var state) ? _cpu.Read(state.Pid) : null;
        _cpuReadAt = _time.GetTimestamp();
    }

    /// <summary>CPU time since the last reading beyond what looking costs; where nothing was tried, all of it was looking.</summary>
    private TimeSpan? SpendCpu(bool tried)
    {
        var (before, since) = (_cpuAt, _time.GetElapsedTime(_cpuReadAt));
        ReadCpu();
        if (before is not { } start || _cpuAt is not { } end || since <= TimeSpan.Zero || end < start)
        {
            return null;
        }

        var share = (end - start) / since;
        if (!tried)
        {
            _baseline = Math.Min(_baseline ?? double.MaxValue, share);
            return null;
        }

        var spent = (end - start) - (since * (_baseline ?? 0));
        return spent > TimeSpan.Zero ? spent : TimeSpan.FromTicks(1);
    }

    private void NoteIdle() => SpendCpu(tried: false);

    private static int? NodeOf(SchemeDescription scheme) => scheme.Destinations.Count == 0 ? null : scheme.Destinations.First(destination => destination.Weight > 0).Node;

    private sealed class Place(SchemeDescription scheme, ulong minRegionBytes)
    {
        public KernelSchemeStatus Status { get; } = new(scheme);

        public QuotaWindow Window { get; } = new(scheme.Quota, minRegionBytes);

        public SchemeWatermark? Watermark { get; private set; } = scheme.Watermarks is { } marks ? new SchemeWatermark(marks) : null;

        public KernelCompilation? Compiled { get; set; }

        /// <summary>The groups that it is compiled for.</summary>
        public IReadOnlyList<EligibleCgroup> Cgroups { get; set; } = [];

        public KernelScheme? Grant { get; set; }

        public ulong Wanted { get; set; }

        public ulong Said { get; set; }

        /// <summary>Where the next pass over physical memory begins.</summary>
        public ulong Start { get; set; }

        public IReadOnlyDictionary<string, EffectLevel>? Before { get; set; }

        public KernelSchemeStatistics Counted { get; set; }

        public TimeSpan DueAt { get; private set; }

        public void Granted(TimeSpan dueAt)
        {
            Status.Grants++;
            DueAt = dueAt;
        }

        /// <summary>Takes another version of the scheme over.</summary>
        public Place Take(SchemeDescription next)
        {
            if (next.Watermarks != Status.Description.Watermarks)
            {
                Watermark = next.Watermarks is { } marks ? new SchemeWatermark(marks) : null;
            }

            Status.Description = next;
            Window.Update(next.Quota);
            return this;
        }

        public void Forget() => (Grant, Before, Said, Counted) = (null, null, 0, default);
    }
}
