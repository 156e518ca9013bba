using Damon.Engine.KernelDamon;
using Damon.Engine.Schemes;

namespace Damon.Engine.Tests.KernelDamon;

/// <summary>What two kernels can.</summary>
internal static class Kernels
{
    /// <summary>As 6.12: one folder of filters that only hold back, one destination, no end of its own for a scheme.</summary>
    public static KernelFeatures Old { get; } = new()
    {
        Operations = new HashSet<KernelOperations> { KernelOperations.Vaddr, KernelOperations.Fvaddr, KernelOperations.Paddr },
        Actions = Enum.GetValues<SchemeAction>().Except([SchemeAction.Reclaim, SchemeAction.Collapse]).ToHashSet(),
        Filters = new HashSet<SchemeFilterType> { SchemeFilterType.Anonymous, SchemeFilterType.Cgroup, SchemeFilterType.Young, SchemeFilterType.Address, SchemeFilterType.Target },
        Goals = new HashSet<GoalMetric> { GoalMetric.UserInput, GoalMetric.SomeMemoryPressure },
        HasTargetNode = true,
        HasEffectiveQuota = true,
        HasTriedBytes = true,
        HasUnlayeredFilters = true,
    };

    /// <summary>As 7.3: everything.</summary>
    public static KernelFeatures New { get; } = Old with
    {
        Actions = Enum.GetValues<SchemeAction>().Except([SchemeAction.Reclaim]).ToHashSet(),
        Filters = Enum.GetValues<SchemeFilterType>().ToHashSet(),
        Goals = Enum.GetValues<GoalMetric>().ToHashSet(),
        HasFilterAllow = true,
        HasFilterLayers = true,
        HasIntervalsGoal = true,
        HasDestinations = true,
        HasSnapshotLimit = true,
        HasObsoleteTarget = true,
        HasPause = true,
        HasGoalTuner = true,
        HasFailedCharge = true,
        HasAddressUnit = true,
        HasFilterPassed = true,
    };
}
