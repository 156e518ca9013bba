using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.NodeAgent.Agent;

/// <summary>Stands in front of a probe: an exception out of it ends this target, not the session of all others. Called from one thread at a time, which need not be the loop's.</summary>
/// <param name="inner">The probe; disposed with this.</param>
/// <param name="runtimeId">Whose it is.</param>
/// <param name="faults">Where exceptions are noted.</param>
internal sealed class IsolatedProbe(IAccessProbe inner, string runtimeId, FaultBook faults) : IAccessProbe
{
    private string _fault = "";

    /// <inheritdoc/>
    public ProbeGranularity Granularity => inner.Granularity;

    /// <inheritdoc/>
    public string LastError => _fault.Length > 0 ? _fault : inner.LastError;

    /// <inheritdoc/>
    public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
    {
        try
        {
            return inner.ReadAddressSpace(ranges);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    /// <inheritdoc/>
    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
    {
        try
        {
            return inner.Prepare(addresses);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    /// <inheritdoc/>
    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
    {
        try
        {
            return inner.Check(starts, ends, addresses, seen);
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

    private ProbeOutcome Fault(Exception e)
    {
        _fault = "a bug in looking at it";
        faults.Isolate(runtimeId, "looking at memory", e);
        return ProbeOutcome.Unsupported;
    }
}
