using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>What one kdamond is to carry out by itself.</summary>
/// <param name="Operations">Physical addresses for a whole node, virtual ones for huge-page advice to processes.</param>
/// <param name="Intervals">How often it looks.</param>
/// <param name="Limits">How many regions.</param>
/// <param name="Schemes">Highest rank first.</param>
public sealed record KernelEnforcementPlan(KernelOperations Operations, MonitoringIntervals Intervals, RegionLimits Limits, IReadOnlyList<SchemeDescription> Schemes)
{
    /// <summary>
    /// What the kernel tunes the intervals to; null leaves them as they are. Only where nothing is enforced: a shorter interval makes every threshold, which the kernel counts in intervals, shorter
    /// before anybody can convert it anew, and memory that is not cold would be acted on.
    /// </summary>
    public IntervalsGoal? IntervalsGoal { get; init; }

    /// <summary>Whether a whole node may be acted on.</summary>
    public bool NodeTargetsAllowed { get; init; }

    /// <summary>What a grant may take by its intervals, where that is to be less than the lease would allow.</summary>
    public TimeSpan LongestGrant { get; init; } = KernelLease.NominalTerm;
}
