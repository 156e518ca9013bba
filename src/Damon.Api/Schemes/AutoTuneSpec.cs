using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>How the intervals are found: they are lengthened and shortened until the looks see the wanted share of accesses.</summary>
public sealed record AutoTuneSpec
{
    /// <summary>Wanted share of observed accesses among the most that could be observed, above 0 %.</summary>
    public Percent AccessRatio { get; init; } = DamonSchemeDefaults.AutoTuneAccessRatio;

    /// <summary>Aggregation intervals between two adjustments, from 1 to 1000.</summary>
    public int Aggregations { get; init; } = DamonSchemeDefaults.AutoTuneAggregations;

    /// <summary>The shortest sampling interval, above zero.</summary>
    public DurationValue MinSampleInterval { get; init; } = DamonSchemeDefaults.AutoTuneMinSampleInterval;

    /// <summary>The longest sampling interval, at least the shortest.</summary>
    public DurationValue MaxSampleInterval { get; init; } = DamonSchemeDefaults.AutoTuneMaxSampleInterval;
}
