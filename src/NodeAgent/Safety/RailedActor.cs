using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Stands in front of the actor of one process of a container and asks all rails before anything is measured and again before anything is done, in Observe as in Enforce. It lets no more leave than
/// the floors allow, keeps anonymous memory out where swap's rails hold it, moves pages only where there is room and never those of mappings that are bound to their nodes, and notes what was measured to
/// have left.
/// </summary>
/// <remarks>
/// The share of the budget (<see cref="RailAnswer.BudgetFactor"/>) is the session's to apply, where budgets are. With a <see cref="StallGuard"/> actions are carried out on its threads, one at a time
/// for each pod, and CPU time that they take is not that of the calling thread.
/// </remarks>
/// <param name="inner">The actor; disposed with this, or when a call that has not come back does.</param>
/// <param name="book">The rails.</param>
/// <param name="podUid">The pod.</param>
/// <param name="containerId">The container.</param>
/// <param name="stalls">Where actions are carried out; null for on the calling thread.</param>
/// <param name="process">Which process; without one its mappings' policies cannot be known, and nothing is moved.</param>
/// <param name="time">By which policies that are known grow old; null for the system's clock.</param>
internal sealed class RailedActor(
    IMemoryActor inner, RailBook book, string podUid, string containerId, StallGuard? stalls = null, ProcessIdentity process = default, TimeProvider? time = null) : IMemoryActor
{
    /// <summary>How long the loop waits for one action. Advice on the 4 MiB of a step takes some milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Reading the policies costs the kernel a walk through all of the process's pages.</summary>
    private static readonly TimeSpan BoundMaxAge = TimeSpan.FromMinutes(1);

    /// <summary>Mappings that changed between two readings of them can be known soon after.</summary>
    private static readonly TimeSpan UnknownMaxAge = TimeSpan.FromSeconds(5);

    /// <summary>A reclaim of many steps goes on for so long, and with what is left at the next pass.</summary>
    private static readonly TimeSpan ReclaimFor = TimeSpan.FromMilliseconds(500);

    private static readonly ulong PageMask = ~((ulong)Environment.SystemPageSize - 1);

    private static readonly SchemeFilter NoAnonymous = new(SchemeFilterType.Anonymous, Matching: true, Allow: false);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private string _heldBy = "";
    private PageFilters _given;
    private PageFilters _withoutAnonymous = new([NoAnonymous]);

    /// <summary>Mappings whose pages stay where they are; null where that could not be known.</summary>
    private AddressRange[]? _bound;
    private long? _boundAt;

    /// <summary>A call is under way on another thread: the actor is that thread's.</summary>
    private bool _isAway;

    /// <summary>That call is an action, and no look.</summary>
    private bool _isActing;
    private bool _isDisposed;

    /// <inheritdoc/>
    public string LastError => _heldBy.Length > 0 || _isAway ? _heldBy : inner.LastError;

    /// <summary>Whether the last action has not come back: what it does is known when <see cref="WhenBack"/> is called.</summary>
    public bool IsActing => _isActing;

    /// <summary>Asked before each further call of an action that takes several; for what is not a rail, and does not wait for the loop.</summary>
    public Func<bool> GoesOn { get; init; } = static () => true;

    /// <summary>Takes what an action that comes back late has done, once.</summary>
    public Action<ActionResult>? WhenBack { get; set; }

    /// <inheritdoc/>
    public ActionOutcome ReadResident(out ulong residentBytes)
    {
        residentBytes = 0;
        if (IsHeld(SchemeAction.Stat, default, isAboutToAct: false, out _))
        {
            return ActionOutcome.Held;
        }

        var carried = Look(() => (inner.ReadResident(out var bytes), bytes), out var read);
        residentBytes = read.bytes;
        return carried == ActionOutcome.Applied ? read.Item1 : carried;
    }

    /// <inheritdoc/>
    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        reach = new Reach(range.Start, 0);
        if (IsHeld(action, filters, isAboutToAct: false, out var answer))
        {
            return ActionOutcome.Held;
        }

        maxBytes = Math.Min(maxBytes, answer.MaxBytes);
        filters = Allowed(filters, answer);
        if (!RailBook.MovesMemory(action.Kind))
        {
            return MeasureParts(action, [range], range, maxBytes, out reach, filters);
        }

        var known = FindBound();
        return known == ActionOutcome.Applied ? MeasureParts(action, Unbound([range]), range, maxBytes, out reach, filters) : known;
    }

    /// <summary>Asks all rails what of an action may be done now, and does nothing yet. <see cref="Apply"/> asks again.</summary>
    /// <param name="action">The action.</param>
    /// <param name="ranges">What it is for.</param>
    /// <param name="filters">Its page filters.</param>
    /// <param name="admitted">The parts of the ranges that may be acted on; none where it is held.</param>
    /// <param name="maxBytes">Of what is in memory there, the most that may be acted on.</param>
    /// <returns><see cref="ActionOutcome.Applied"/> where it may go on, else why not.</returns>
    public ActionOutcome Admit(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters, out AddressRange[] admitted, out ulong maxBytes)
    {
        (admitted, maxBytes) = ([], 0);
        var outcome = Ask(action, filters, out var answer);
        if (outcome != ActionOutcome.Applied)
        {
            return outcome;
        }

        (admitted, maxBytes) = (RailBook.MovesMemory(action.Kind) ? Unbound(ranges) : ranges.ToArray(), answer.MaxBytes);
        if (admitted.Length == 0 && ranges.Length > 0)
        {
            _heldBy = nameof(SafetyRail.Placement);
            return ActionOutcome.Held;
        }

        return ActionOutcome.Applied;
    }

    /// <inheritdoc/>
    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
    {
        var asked = Ask(action, filters, out var answer);
        if (asked != ActionOutcome.Applied)
        {
            return new ActionResult(asked, 0, 0);
        }

        if (action.Kind == SchemeAction.Reclaim)
        {
            return Reclaim(action, ranges.ToArray(), answer);
        }

        var allowed = Allowed(filters, answer);
        var cut = Cut(RailBook.MovesMemory(action.Kind) ? Unbound(ranges) : ranges, answer.MaxBytes);
        var outcome = Carry(() => inner.Apply(action, cut, allowed), (ActionResult late) => ComeBack(action, late), out var result);
        _isActing = _isAway;
        if (outcome != ActionOutcome.Applied)
        {
            return new ActionResult(outcome, 0, 0);
        }

        Note(action, result);
        return result;
    }

    /// <summary>Carries out a look that the kernel may not come back from, as actions are. One that comes back late is given up.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="look">The look, which must not use this actor.</param>
    /// <param name="seen">What it gave.</param>
    /// <returns><see cref="ActionOutcome.Applied"/> where it came back in time, else why there is nothing.</returns>
    public ActionOutcome Look<T>(Func<T> look, out T? seen) => Carry(look, (T _) => Return(), out seen);

    /// <inheritdoc/>
    public ActionOutcome EndLook(AddressRange range, PageFilters filters)
    {
        if (_isAway)
        {
            return ActionOutcome.Held;
        }

        // Without such a filter nothing is read, and this is called for every region.
        if ((filters.Needs & PageFactKinds.Young) == PageFactKinds.None)
        {
            return inner.EndLook(range, filters);
        }

        var carried = Look(() => inner.EndLook(range, filters), out var ended);
        return carried == ActionOutcome.Applied ? ended : carried;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        if (!_isAway)
        {
            inner.Dispose();
        }
    }

    /// <summary>
    /// Reclaims in steps, each a call of its own with all rails asked in front of it: what the kernel is asked for at once is small, what has begun to hold holds after it, and one that does not come back is
    /// the last.
    /// </summary>
    private ActionResult Reclaim(MemoryAction action, AddressRange[] ranges, RailAnswer answer)
    {
        var size = ranges.Aggregate(0UL, (sum, range) => sum + range.SizeBytes);
        ulong asked = 0, effect = 0;
        var last = new ActionResult(ActionOutcome.Nothing, 0, 0);
        var began = _time.GetTimestamp();
        while (true)
        {
            var step = action with
            {
                AmountBytes = Math.Min(Math.Min(action.AmountBytes - asked, answer.MaxBytes), CgroupReclaimer.MaxStepBytes) & PageMask,
                SparesAnonymous = answer.AnonymousHeldBy is { } swap and not SafetyRail.NoSwap,
            };
            if (step.AmountBytes == 0)
            {
                break;
            }

            var outcome = Carry(() => inner.Apply(step, ranges), (ActionResult late) => ComeBack(step, late), out var result);
            _isActing = _isAway;
            if (outcome != ActionOutcome.Applied)
            {
                last = new ActionResult(outcome, 0, 0);
                break;
            }

            Note(step, result);
            asked += Share(step.AmountBytes, result.AdvisedBytes, size);
            effect += result.EffectBytes;
            last = result;
            if (result.Outcome != ActionOutcome.Applied || asked >= action.AmountBytes)
            {
                break;
            }

            var again = Ask(action, default, out answer);
            if (again != ActionOutcome.Applied)
            {
                last = new ActionResult(again, 0, 0);
                break;
            }

            if (!GoesOn())
            {
                (_heldBy, last) = (nameof(SafetyRail.Off), new ActionResult(ActionOutcome.Held, 0, 0));
                break;
            }

            if (_time.GetElapsedTime(began) >= ReclaimFor)
            {
                break;
            }
        }

        var ended = effect == 0 ? last.Outcome
            : last.Outcome is ActionOutcome.Nothing or ActionOutcome.NoEffect ? ActionOutcome.Applied
            : last.Outcome is ActionOutcome.TryAgain or ActionOutcome.Held ? ActionOutcome.Partial
            : last.Outcome;
        return new ActionResult(ended, Share(size, asked, action.AmountBytes), effect, last.Errno);
    }

    /// <summary>The part of a whole that a part of another whole is.</summary>
    private static ulong Share(ulong whole, ulong part, ulong of) => of == 0 ? 0 : (ulong)((UInt128)whole * Math.Min(part, of) / of);

    private bool IsHeld(MemoryAction action, PageFilters filters, bool isAboutToAct, out RailAnswer answer)
    {
        answer = _isAway ? RailAnswer.Held(SafetyRail.Stalled, "") : book.Check(podUid, containerId, action, isAboutToAct);
        if (answer.AnonymousHeldBy is { } swap && filters.All.Length == PageFilters.MaxCount)
        {
            // There is no room for the filter that would keep anonymous memory out.
            answer = RailAnswer.Held(swap, answer.Reason);
        }

        _heldBy = answer.HeldBy?.ToString() ?? "";
        return !answer.IsAllowed;
    }

    /// <summary>Asks before something is done; moves, also which mappings are bound.</summary>
    private ActionOutcome Ask(MemoryAction action, PageFilters filters, out RailAnswer answer)
    {
        if (IsHeld(action, filters, isAboutToAct: true, out answer))
        {
            return ActionOutcome.Held;
        }

        if (answer.EnforceHeldBy is { } observing)
        {
            _heldBy = observing.ToString();
            return ActionOutcome.Held;
        }

        return RailBook.MovesMemory(action.Kind) ? FindBound() : ActionOutcome.Applied;
    }

    private ActionOutcome FindBound()
    {
        if (_boundAt is { } at && _time.GetElapsedTime(at) < (_bound is null ? UnknownMaxAge : BoundMaxAge))
        {
            return Judge();
        }

        if (book.BoundFinder(podUid, containerId) is not { } find)
        {
            _heldBy = nameof(SafetyRail.TargetGone);
            return ActionOutcome.Held;
        }

        // As old as its beginning: what is bound meanwhile may have been passed already.
        var began = _time.GetTimestamp();
        var outcome = Carry(() => Read(find), (AddressRange[]? late) => Take(late, began), out var bound);
        if (outcome != ActionOutcome.Applied)
        {
            return outcome;
        }

        (_bound, _boundAt) = (bound, began);
        return Judge();
    }

    private ActionOutcome Judge()
    {
        if (_bound is null)
        {
            _heldBy = nameof(SafetyRail.Placement);
            return ActionOutcome.Held;
        }

        return ActionOutcome.Applied;
    }

    private AddressRange[]? Read(Func<int, AddressRangeList, bool> find)
    {
        var bound = new AddressRangeList();
        return find(process.Pid, bound) ? bound.Ranges.ToArray() : null;
    }

    private void Take(AddressRange[]? late, long began)
    {
        (_bound, _boundAt) = (late, began);
        Return();
    }

    /// <summary>Carries out a call on another thread, where there are such.</summary>
    private ActionOutcome Carry<T>(Func<T> call, Action<T> onLate, out T? result)
    {
        if (stalls is null)
        {
            result = call();
            return ActionOutcome.Applied;
        }

        switch (stalls.Run(podUid, call, Patience, onLate, out result))
        {
            case StallOutcome.Finished:
                return ActionOutcome.Applied;
            case StallOutcome.Late:
                _isAway = true;
                _heldBy = "a call into the kernel takes long";
                return ActionOutcome.TryAgain;
            default:
                _heldBy = nameof(SafetyRail.Stalled);
                return ActionOutcome.Held;
        }
    }

    /// <summary>Measures the parts of a range that may be acted on.</summary>
    private ActionOutcome MeasureParts(MemoryAction action, AddressRange[] parts, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters)
    {
        reach = new Reach(range.Start, 0);
        var carried = Look(() => Measure(action, parts, range, maxBytes, filters), out var measured);
        if (carried != ActionOutcome.Applied)
        {
            return carried;
        }

        reach = measured.Reach;
        return measured.Outcome;
    }

    /// <summary>On another thread: nothing of this actor is used but what is behind it.</summary>
    private (ActionOutcome Outcome, Reach Reach) Measure(MemoryAction action, AddressRange[] parts, AddressRange range, ulong maxBytes, PageFilters filters)
    {
        if (parts is [var whole] && whole == range)
        {
            return (inner.Measure(action, range, maxBytes, out var all, filters), all);
        }

        var reach = new Reach(range.Start, 0);
        foreach (var part in parts)
        {
            var left = maxBytes - Math.Min(maxBytes, reach.ReachableBytes);
            if (left == 0)
            {
                return (ActionOutcome.Applied, reach);
            }

            var outcome = inner.Measure(action, part, left, out var more, filters);
            reach = new Reach(
                more.End, reach.ReachableBytes + more.ReachableBytes, reach.NoSwapBytes + more.NoSwapBytes, reach.SharedBytes + more.SharedBytes,
                reach.LockedBytes + more.LockedBytes, reach.FilteredBytes + more.FilteredBytes);
            if (outcome != ActionOutcome.Applied || more.End < part.End)
            {
                return (outcome, reach);
            }
        }

        return (ActionOutcome.Applied, reach with { End = reach.ReachableBytes < maxBytes ? range.End : reach.End });
    }

    /// <summary>Of the ranges what lies in no bound mapping.</summary>
    private AddressRange[] Unbound(ReadOnlySpan<AddressRange> ranges)
    {
        var free = new List<AddressRange>(ranges.Length);
        foreach (var range in ranges)
        {
            var start = range.Start;
            foreach (var bound in _bound ?? [])
            {
                if (bound.End <= start || bound.Start >= range.End)
                {
                    continue;
                }

                if (bound.Start > start)
                {
                    free.Add(new AddressRange(start, bound.Start));
                }

                start = Math.Min(bound.End, range.End);
            }

            if (start < range.End)
            {
                free.Add(range with { Start = start });
            }
        }

        return [.. free];
    }

    /// <summary>Of the ranges as much as may leave, from the first one on: they come in the order in which they are to go.</summary>
    private static AddressRange[] Cut(ReadOnlySpan<AddressRange> ranges, ulong maxBytes)
    {
        var cut = new List<AddressRange>(ranges.Length);
        foreach (var range in ranges)
        {
            var bytes = Math.Min(range.SizeBytes, maxBytes) & PageMask;
            if (bytes > 0)
            {
                cut.Add(new AddressRange(range.Start, range.Start + bytes));
                maxBytes -= maxBytes == ulong.MaxValue ? 0 : bytes;
            }
        }

        return [.. cut];
    }

    private PageFilters Allowed(PageFilters filters, in RailAnswer answer)
    {
        if (answer.AllowsAnonymous)
        {
            return filters;
        }

        if (filters != _given)
        {
            _given = filters;

            // In front of all others: the first filter that matches decides.
            _withoutAnonymous = new PageFilters([NoAnonymous, .. filters.All]);
        }

        return _withoutAnonymous;
    }

    private void Note(MemoryAction action, in ActionResult result)
    {
        if (RailBook.TakesMemory(action.Kind))
        {
            // Which of it went to swap is not told, so all of it counts as ours there, unless none may have.
            book.Record(podUid, containerId, action.SparesAnonymous ? 0 : result.EffectBytes, action.SparesAnonymous ? result.EffectBytes : 0);
        }
    }

    private void ComeBack(MemoryAction action, in ActionResult result)
    {
        Note(action, result);
        var whenBack = WhenBack;
        WhenBack = null;
        Return();
        whenBack?.Invoke(result);
    }

    private void Return()
    {
        (_isAway, _isActing) = (false, false);
        if (_isDisposed)
        {
            inner.Dispose();
        }
    }
}
