using Damon.Engine.Machine;
using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// What a kernel's version lets one expect of its DAMON, where its files cannot be tried out because they are somebody else's. Distributions backport and leave out: this is shown to people,
/// never acted on. Versions are those of the mainline kernels in which a feature appeared.
/// </summary>
internal static class ExpectedFeatures
{
    private static readonly (KernelOperations Operations, int Major, int Minor)[] Operations =
        [(KernelOperations.Vaddr, 5, 18), (KernelOperations.Fvaddr, 5, 19), (KernelOperations.Paddr, 5, 18)];

    private static readonly (SchemeAction Action, int Major, int Minor)[] Actions =
    [
        (SchemeAction.Stat, 5, 18), (SchemeAction.Pageout, 5, 18), (SchemeAction.Cold, 5, 18), (SchemeAction.WillNeed, 5, 18), (SchemeAction.HugePage, 5, 18),
        (SchemeAction.NoHugePage, 5, 18), (SchemeAction.LruPrio, 6, 0), (SchemeAction.LruDeprio, 6, 0), (SchemeAction.MigrateHot, 6, 11), (SchemeAction.MigrateCold, 6, 11),
        (SchemeAction.Collapse, 7, 2),
    ];

    private static readonly (SchemeFilterType Filter, int Major, int Minor)[] Filters =
    [
        (SchemeFilterType.Anonymous, 6, 3), (SchemeFilterType.Cgroup, 6, 3), (SchemeFilterType.Address, 6, 6), (SchemeFilterType.Target, 6, 6), (SchemeFilterType.Young, 6, 10),
        (SchemeFilterType.HugePageSize, 6, 15), (SchemeFilterType.Unmapped, 6, 15), (SchemeFilterType.Active, 6, 15),
    ];

    private static readonly (GoalMetric Goal, int Major, int Minor)[] Goals =
    [
        (GoalMetric.UserInput, 6, 8), (GoalMetric.SomeMemoryPressure, 6, 9), (GoalMetric.NodeMemoryUsed, 6, 16), (GoalMetric.NodeMemoryFree, 6, 16), (GoalMetric.NodeCgroupUsed, 6, 19),
        (GoalMetric.NodeCgroupFree, 6, 19), (GoalMetric.ActiveMemory, 7, 0), (GoalMetric.InactiveMemory, 7, 0), (GoalMetric.NodeEligibleMemory, 7, 2),
    ];

    public static KernelFeatures Of(in KernelRelease kernel)
    {
        // A lambda cannot capture an in parameter.
        var release = kernel;
        return new KernelFeatures
        {
            Operations = Operations.Where(entry => release.IsAtLeast(entry.Major, entry.Minor)).Select(entry => entry.Operations).ToHashSet(),
            Actions = Actions.Where(entry => release.IsAtLeast(entry.Major, entry.Minor)).Select(entry => entry.Action).ToHashSet(),
            Filters = Filters.Where(entry => release.IsAtLeast(entry.Major, entry.Minor)).Select(entry => entry.Filter).ToHashSet(),
            Goals = Goals.Where(entry => release.IsAtLeast(entry.Major, entry.Minor)).Select(entry => entry.Goal).ToHashSet(),
            HasUnlayeredFilters = release.IsAtLeast(6, 3),
            HasApplyInterval = release.IsAtLeast(6, 7),
            HasTriedBytes = release.IsAtLeast(6, 6),
            HasEffectiveQuota = release.IsAtLeast(6, 9),
            HasTargetNode = release.IsAtLeast(6, 11),
            HasFilterAllow = release.IsAtLeast(6, 14),
            HasFilterPassed = release.IsAtLeast(6, 14),
            HasFilterLayers = release.IsAtLeast(6, 15),
            HasIntervalsGoal = release.IsAtLeast(6, 15),
            HasDestinations = release.IsAtLeast(6, 17),
            HasAddressUnit = release.IsAtLeast(6, 18),
            HasObsoleteTarget = release.IsAtLeast(6, 19),
            HasSnapshotLimit = release.IsAtLeast(7, 0),
            HasGoalTuner = release.IsAtLeast(7, 1),
            HasPause = release.IsAtLeast(7, 2),
            HasFailedCharge = release.IsAtLeast(7, 2),
        };
    }
}
