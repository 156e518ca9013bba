using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Ledger;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <summary>
/// The outermost guard of a process of a container. It asks, before each single call, whether the node is off and whether the action is still some scheme's to enforce here, whatever the session was told
/// earlier; writes down first what can be put back; and keeps exceptions from the session.
/// </summary>
/// <param name="inner">The actor behind the rails; disposed with this.</param>
/// <param name="process">Which process.</param>
/// <param name="container">Whose it is.</param>
/// <param name="gate">What all actors share.</param>
internal sealed class ContainerActor(RailedActor inner, ProcessIdentity process, ServedContainer container, ActionGate gate) : IMemoryActor
{
    private static readonly ulong PageMask = ~((ulong)Environment.SystemPageSize - 1);

    private string _heldBy = "";

    /// <summary>The address at which the next look begins; 0 for the first one.</summary>
    private ulong _continueAt;

    /// <inheritdoc/>
    public string LastError => _heldBy.Length > 0 ? _heldBy : inner.LastError;

    /// <inheritdoc/>
    public ActionOutcome ReadResident(out ulong residentBytes)
    {
        residentBytes = 0;
        if (IsStopped())
        {
            return ActionOutcome.Held;
        }

        try
        {
            return inner.ReadResident(out residentBytes);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    /// <inheritdoc/>
    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        reach = new Reach(range.Start, 0);
        if (IsStopped())
        {
            return ActionOutcome.Held;
        }

        try
        {
            return inner.Measure(action, range, maxBytes, out reach, filters);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    /// <inheritdoc/>
    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
    {
        if (IsStopped())
        {
            return Held();
        }

        if (container.Protection != Protection.None)
        {
            return Held(container.Protection.ToString());
        }

        // The session learns of a changed plan between two sample intervals; what is done must be right in between, too.
        if (!container.Enforcers.TryGetValue(action.Kind, out var scheme))
        {
            return Held("NotEnforced");
        }

        try
        {
            return Reversibility.WhyNot(action.Kind) is null ? Move(scheme, action, ranges, filters) : Take(scheme, action, ranges, filters);
        }
        catch (Exception e)
        {
            return new ActionResult(Fault(e), 0, 0);
        }
    }

    /// <inheritdoc/>
    public ActionOutcome EndLook(AddressRange range, PageFilters filters)
    {
        try
        {
            return inner.EndLook(range, filters);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            inner.Dispose();
        }
        catch (Exception e)
        {
            Fault(e);
        }
    }

    private ActionResult Take(string scheme, MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters)
    {
        var takes = RailBook.TakesMemory(action.Kind);
        var left = takes ? gate.Reclaim.LeftBytes : ulong.MaxValue;
        if (left == 0)
        {
            return Held("ReclaimPerNode");
        }

        action = action with { AmountBytes = Math.Min(action.AmountBytes, left) };

        // Where the kernel chooses, the amount bounds it, and not the ranges.
        var result = inner.Apply(action, left == ulong.MaxValue || action.Kind == SchemeAction.Reclaim ? ranges : Cut(ranges, left), filters);
        Charge(scheme, action.Kind, result);
        if (inner.IsActing)
        {
            inner.WhenBack = late => Charge(scheme, action.Kind, late);
        }

        return result;
    }

    private void Charge(string scheme, SchemeAction action, in ActionResult result)
    {
        if (RailBook.TakesMemory(action))
        {
            gate.Reclaim.Charge(result.EffectBytes);
        }

        gate.Ledger?.NoteIrreversible(scheme, action, result.EffectBytes > 0 ? result.EffectBytes : result.AdvisedBytes);
    }

    /// <summary>Finds where the pages lie, writes down what leads back, and only then moves them.</summary>
    private ActionResult Move(string scheme, MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters)
    {
        if (gate.Ledger is not { } ledger || gate.Backends.Places(process) is not { } places)
        {
            return Held("NoLedger");
        }

        var admitted = inner.Admit(action, ranges, filters, out var free, out var maxBytes);
        if (admitted != ActionOutcome.Applied)
        {
            return new ActionResult(admitted, 0, 0);
        }

        var asked = Continue(free);
        var looked = inner.Look(() => Find(places, asked), out var found);
        if (looked != ActionOutcome.Applied)
        {
            return new ActionResult(looked, 0, 0);
        }

        var (runs, find) = found;
        if (!find.TryGet(out var end))
        {
            _heldBy = find.Error.ToString();
            return new ActionResult(OutcomeOf(find.Error.Kind), 0, 0);
        }

        var moves = MovePlan.Of(runs, asked, end, action, maxBytes);
        _continueAt = moves.End < asked[^1].End ? moves.End : 0;
        if (moves.Parts.Count == 0)
        {
            return new ActionResult(ActionOutcome.NoEffect, 0, 0, SkippedBytes: moves.SkippedBytes);
        }

        var ids = new List<ulong>();
        foreach (var part in moves.Parts)
        {
            if (ledger.Begin(new PageMove(scheme, container.Memory.PodUid, process, part.Range, part.Node, moves.To)) is not { } id)
            {
                ids.ForEach(ledger.NotApplied);
                return Held("NoLedger");
            }

            ids.Add(id);
        }

        var result = inner.Apply(action, [.. moves.Parts.Select(part => part.Range)], filters);
        if (inner.IsActing)
        {
            // It may still move them: they are owed until that is known.
            inner.WhenBack = late => Settle(ledger, ids, late);
        }
        else
        {
            Settle(ledger, ids, result);
        }

        return result with { SkippedBytes = result.SkippedBytes + moves.SkippedBytes };
    }

    /// <summary>On another thread, so into a list of its own: a look that comes back late is given up.</summary>
    private static (List<PlacedRange> Runs, HostResult<ulong> End) Find(IPagePlaces places, AddressRange[] ranges)
    {
        var runs = new List<PlacedRange>();
        return (runs, places.Find(ranges, runs));
    }

    /// <summary>
    /// Whatever was asked of the kernel is owed, however it ended: a call that failed may have done a part of its work, and putting back compares with what is there. Only where nothing was asked nothing is.
    /// </summary>
    private static void Settle(ChangeLedger ledger, List<ulong> ids, in ActionResult result)
    {
        if (result.AdvisedBytes > 0 || result.EffectBytes > 0)
        {
            ids.ForEach(id => ledger.Applied(id));
        }
        else
        {
            ids.ForEach(ledger.NotApplied);
        }
    }

    /// <summary>Where the last look ended before the ranges did, this one begins there: what is large comes to its turn piece by piece, whatever lies in front of it.</summary>
    private AddressRange[] Continue(AddressRange[] ranges)
    {
        var rest = ranges.Where(range => range.End > _continueAt).Select(range => range with { Start = Math.Max(range.Start, _continueAt) }).ToArray();
        return rest.Length > 0 ? rest : ranges;
    }

    private static ActionOutcome OutcomeOf(HostErrorKind error) => error switch
    {
        HostErrorKind.Vanished => ActionOutcome.Gone,
        HostErrorKind.Denied => ActionOutcome.Denied,
        HostErrorKind.Unsupported => ActionOutcome.Unsupported,
        HostErrorKind.Busy or HostErrorKind.TryAgain => ActionOutcome.TryAgain,
        _ => ActionOutcome.Failed,
    };

    private static AddressRange[] Cut(ReadOnlySpan<AddressRange> ranges, ulong maxBytes)
    {
        var cut = new List<AddressRange>(ranges.Length);
        foreach (var range in ranges)
        {
            var bytes = Math.Min(range.SizeBytes, maxBytes) & PageMask;
            if (bytes > 0)
            {
                cut.Add(new AddressRange(range.Start, range.Start + bytes));
                maxBytes -= bytes;
            }
        }

        return [.. cut];
    }

    private bool IsStopped()
    {
        _heldBy = gate.IsOff ? nameof(SafetyRail.Off) : gate.IsBlind || gate.Faults.IsIsolated(container.Memory.RuntimeId) ? "Isolated" : "";
        return _heldBy.Length > 0;
    }

    private ActionResult Held(string? by = null)
    {
        _heldBy = by ?? _heldBy;
        return new ActionResult(ActionOutcome.Held, 0, 0);
    }

    private ActionOutcome Fault(Exception e)
    {
        _heldBy = "a bug in acting on it";
        gate.Faults.Isolate(container.Memory.RuntimeId, "acting on memory", e);
        return ActionOutcome.Failed;
    }
}
