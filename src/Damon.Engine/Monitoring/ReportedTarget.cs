using Damon.Engine.Regions;

namespace Damon.Engine.Monitoring;

/// <summary>Stands where a target's probe would: it looks at nothing, because somebody else does, and keeps what was reported.</summary>
internal sealed class ReportedTarget : IAccessProbe
{
    public ProbeGranularity Granularity => ProbeGranularity.Page;

    public string LastError => "";

    /// <summary>What was reported last.</summary>
    public ReportedRegions Regions { get; } = new();

    /// <summary>Whether it was reported since the latest pass.</summary>
    public bool IsReported { get; set; }

    /// <summary>None: where there is memory is reported, too.</summary>
    public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
    {
        ranges.Clear();
        return ProbeOutcome.Ok;
    }

    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses) => ProbeOutcome.Ok;

    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen) =>
        throw new InvalidOperationException("A target whose regions are reported is not sampled.");

    public void Dispose()
    {
        // Nothing is held.
    }
}
