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
internal sealed class ContainerActor(IMemoryActor inner, ProcessIdentity process, ServedContainer container, ActionGate gate) : IMemoryActor
{
    /// <summary>One move is written down in at most so many parts; what is scattered more is left for later passes.</summary>
    private const int MaxParts = 64;

    private static readonly ulong PageMask = ~((ulong)Environment.SystemPageSize - 1);

    private string _heldBy = "";

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

    private static bool LiesOn(IReadOnlyList<MigrationDestination> destinations, int node) => destinations.Count == 1 && destinations[0].Node == node;

    private ActionResult Take(string scheme, MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters)
    {
        var takes = RailBook.TakesMemory(action.Kind);
        var left = takes ? gate.Reclaim.LeftBytes : ulong.MaxValue;
        if (left == 0)
        {
            return Held("ReclaimPerNode");
        }

        action = action with { AmountBytes = Math.Min(action.AmountBytes, left) };
        var result = inner.Apply(action, left == ulong.MaxValue ? ranges : Cut(ranges, left), filters);
        if (takes)
        {
            gate.Reclaim.Charge(result.EffectBytes);
        }

        gate.Ledger?.NoteIrreversible(scheme, action.Kind, result.EffectBytes > 0 ? result.EffectBytes : result.AdvisedBytes);
        return result;
    }

    private ActionResult Move(string scheme, MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters)
    {
        if (gate.Ledger is not { } ledger || gate.Backends.Places(process) is not { } places)
        {
            return Held("NoLedger");
        }

        // Several destinations share the pages by weight: which page goes where is not known before, so the change says none.
        var to = action.Destinations.Count == 1 ? action.Destinations[0].Node : -1;
        var changes = new List<PageMove>();
        var moved = new List<AddressRange>();
        foreach (var range in ranges)
        {
            var found = places.Find(range);
            if (!found.TryGet(out var parts))
            {
                _heldBy = found.Error.ToString();
                return new ActionResult(found.Error.Kind == HostErrorKind.Vanished ? ActionOutcome.Gone : ActionOutcome.TryAgain, 0, 0);
            }

            foreach (var part in parts)
            {
                if (!LiesOn(action.Destinations, part.Node) && changes.Count < MaxParts)
                {
                    changes.Add(new PageMove(scheme, container.Memory.PodUid, process, part.Range, part.Node, to));
                    moved.Add(part.Range);
                }
            }
        }

        var ids = new List<ulong>();
        foreach (var change in changes)
        {
            if (ledger.Begin(change) is not { } id)
            {
                ids.ForEach(ledger.NotApplied);
                return Held("NoLedger");
            }

            ids.Add(id);
        }

        var result = inner.Apply(action, [.. moved], filters);
        switch (result.Outcome)
        {
            // A call that has not come back may still do it: it is owed until that is known.
            case ActionOutcome.TryAgain or ActionOutcome.Failed:
                break;
            case ActionOutcome.Applied or ActionOutcome.Partial or ActionOutcome.Unmeasured:
                ids.ForEach(id => ledger.Applied(id));
                break;
            default:
                ids.ForEach(ledger.NotApplied);
                break;
        }

        return result;
    }

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
