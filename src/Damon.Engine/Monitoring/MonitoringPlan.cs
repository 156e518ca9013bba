using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>What a session is to do: how to look, and which schemes to apply, in the order of their rank.</summary>
/// <param name="Intervals">How often.</param>
/// <param name="Limits">How many regions.</param>
/// <param name="Schemes">Highest rank first; names are unique.</param>
public sealed record MonitoringPlan(MonitoringIntervals Intervals, RegionLimits Limits, IReadOnlyList<SchemeDescription> Schemes)
{
    /// <summary>The smallest region, in bytes; a power of two.</summary>
    public ulong MinRegionBytes { get; init; } = 4096;

    /// <summary>A target's resident set is never brought below this by a page-out.</summary>
    public ulong ResidentFloorBytes { get; init; }
}
