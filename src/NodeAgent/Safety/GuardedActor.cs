using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Stands in front of an actor and holds it back while a rail does. The rails are asked before anything is measured and again before anything is done,
/// in Observe as in Enforce: a prediction that ignored them would promise what Enforce does not keep.
/// </summary>
/// <param name="inner">The actor; disposed with this.</param>
/// <param name="pressure">The machine's pressure, shared by all targets.</param>
/// <param name="time">The clock.</param>
/// <param name="grace">How long the process is still left alone from now on.</param>
public sealed class GuardedActor(IMemoryActor inner, PressureRail pressure, TimeProvider time, TimeSpan grace) : IMemoryActor
{
    private readonly long _since = time.GetTimestamp();
    private string _heldBy = "";

    /// <inheritdoc/>
    public string LastError => _heldBy.Length > 0 ? _heldBy : inner.LastError;

    /// <inheritdoc/>
    public ActionOutcome ReadResident(out ulong residentBytes)
    {
        residentBytes = 0;
        return IsHeld() ? ActionOutcome.Held : inner.ReadResident(out residentBytes);
    }

    /// <inheritdoc/>
    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        reach = new Reach(range.Start, 0);
        return IsHeld() ? ActionOutcome.Held : inner.Measure(action, range, maxBytes, out reach, filters);
    }

    /// <inheritdoc/>
    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default) =>
        IsHeld() ? new ActionResult(ActionOutcome.Held, 0, 0) : inner.Apply(action, ranges, filters);

    /// <inheritdoc/>
    public ActionOutcome EndLook(AddressRange range, PageFilters filters) => inner.EndLook(range, filters);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private bool IsHeld()
    {
        var rail = time.GetElapsedTime(_since) < grace ? SafetyRail.StartGrace : pressure.Check();
        _heldBy = rail?.ToString() ?? "";
        return rail is not null;
    }
}
