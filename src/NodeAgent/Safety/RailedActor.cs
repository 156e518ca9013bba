using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Stands in front of the actor of one process of a container and asks all rails before anything is measured and again before anything is done, in Observe as in Enforce. It lets no more leave than
/// the floors allow, keeps anonymous memory out where swap's rails hold it, and notes what was measured to have left.
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
internal sealed class RailedActor(IMemoryActor inner, RailBook book, string podUid, string containerId, StallGuard? stalls = null) : IMemoryActor
{
    /// <summary>How long the loop waits for one action. Advice on the 4 MiB of a step takes some milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly SchemeFilter NoAnonymous = new(SchemeFilterType.Anonymous, Matching: true, Allow: false);

    private string _heldBy = "";
    private PageFilters _given;
    private PageFilters _withoutAnonymous = new([NoAnonymous]);

    /// <summary>A call is under way on another thread: the actor is that thread's.</summary>
    private bool _isAway;
    private bool _isDisposed;

    /// <inheritdoc/>
    public string LastError => _heldBy.Length > 0 || _isAway ? _heldBy : inner.LastError;

    /// <inheritdoc/>
    public ActionOutcome ReadResident(out ulong residentBytes)
    {
        residentBytes = 0;
        return IsHeld(SchemeAction.Stat, default, out _) ? ActionOutcome.Held : inner.ReadResident(out residentBytes);
    }

    /// <inheritdoc/>
    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        reach = new Reach(range.Start, 0);
        return IsHeld(action.Kind, filters, out var answer) ? ActionOutcome.Held : inner.Measure(action, range, Math.Min(maxBytes, answer.MaxBytes), out reach, Allowed(filters, answer));
    }

    /// <inheritdoc/>
    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
    {
        if (IsHeld(action.Kind, filters, out var answer))
        {
            return new ActionResult(ActionOutcome.Held, 0, 0);
        }

        if (answer.EnforceHeldBy is { } observing)
        {
            _heldBy = observing.ToString();
            return new ActionResult(ActionOutcome.Held, 0, 0);
        }

        var allowed = Allowed(filters, answer);
        var cut = Cut(ranges, answer.MaxBytes);
        if (action.Kind == SchemeAction.Reclaim)
        {
            action = new MemoryAction(action.Kind, action.Destinations) { AmountBytes = Math.Min(action.AmountBytes, answer.MaxBytes) };
        }

        if (stalls is null)
        {
            var done = inner.Apply(action, cut, allowed);
            Note(action.Kind, done);
            return done;
        }

        var outcome = stalls.Run(podUid, () => inner.Apply(action, cut, allowed), Patience, (ActionResult late) => ComeBack(action.Kind, late), out var result);
        switch (outcome)
        {
            case StallOutcome.Finished:
                Note(action.Kind, result);
                return result;
            case StallOutcome.Late:
                _isAway = true;
                _heldBy = "a call into the kernel takes long";
                return new ActionResult(ActionOutcome.TryAgain, 0, 0);
            default:
                _heldBy = nameof(SafetyRail.Stalled);
                return new ActionResult(ActionOutcome.Held, 0, 0);
        }
    }

    /// <inheritdoc/>
    public ActionOutcome EndLook(AddressRange range, PageFilters filters) => _isAway ? ActionOutcome.Held : inner.EndLook(range, filters);

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        if (!_isAway)
        {
            inner.Dispose();
        }
    }

    private bool IsHeld(SchemeAction action, PageFilters filters, out RailAnswer answer)
    {
        answer = _isAway ? RailAnswer.Held(SafetyRail.Stalled, "") : book.Check(podUid, containerId, action);
        if (answer.AnonymousHeldBy is { } swap && filters.All.Length == PageFilters.MaxCount)
        {
            // There is no room for the filter that would keep anonymous memory out.
            answer = RailAnswer.Held(swap, answer.Reason);
        }

        _heldBy = answer.HeldBy?.ToString() ?? "";
        return !answer.IsAllowed;
    }

    /// <summary>Of the ranges as much as may leave, from the first one on: they come in the order in which they are to go.</summary>
    private static AddressRange[] Cut(ReadOnlySpan<AddressRange> ranges, ulong maxBytes)
    {
        var cut = new List<AddressRange>(ranges.Length);
        var pageMask = ~((ulong)Environment.SystemPageSize - 1);
        foreach (var range in ranges)
        {
            var bytes = Math.Min(range.SizeBytes, maxBytes) & pageMask;
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

    private void Note(SchemeAction action, in ActionResult result)
    {
        if (RailBook.TakesMemory(action))
        {
            // Which of it went to swap is not told, so all of it counts as ours there.
            book.Record(podUid, containerId, result.EffectBytes, 0);
        }
    }

    private void ComeBack(SchemeAction action, in ActionResult result)
    {
        _isAway = false;
        Note(action, result);
        if (_isDisposed)
        {
            inner.Dispose();
        }
    }
}
