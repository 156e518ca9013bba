using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.Footprint.Agent;

/// <summary>
/// Makes each look at a page cost what a look at a real page costs: files that only look like the kernel's are quicker to read. What is missing is spent on the CPU, half of it when a page is marked and
/// the rest when it is looked at again; looks that cost more by themselves stay as they are.
/// </summary>
/// <param name="inner">Looks; disposed with this.</param>
/// <param name="look">What marking and looking at a page cost together.</param>
/// <param name="cpu">The CPU time of the thread that calls.</param>
internal sealed class PacedProbe(IAccessProbe inner, TimeSpan look, TimeProvider cpu) : IAccessProbe
{
    private TimeSpan _prepared;

    /// <inheritdoc/>
    public ProbeGranularity Granularity => inner.Granularity;

    /// <inheritdoc/>
    public string LastError => inner.LastError;

    /// <inheritdoc/>
    public ProbeOutcome ReadAddressSpace(AddressRangeList ranges) => inner.ReadAddressSpace(ranges);

    /// <inheritdoc/>
    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
    {
        var began = cpu.GetTimestamp();
        var outcome = inner.Prepare(addresses);
        _prepared = SpendUntil(began, look * addresses.Length / 2);
        return outcome;
    }

    /// <inheritdoc/>
    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
    {
        var began = cpu.GetTimestamp();
        var outcome = inner.Check(starts, ends, addresses, seen);
        SpendUntil(began, (look * addresses.Length) - _prepared);
        return outcome;
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    /// <returns>What was spent since the beginning, at least as much as asked for.</returns>
    private TimeSpan SpendUntil(long began, TimeSpan cost)
    {
        TimeSpan spent;
        do
        {
            spent = cpu.GetElapsedTime(began);
        }
        while (spent < cost);
        return spent;
    }
}
