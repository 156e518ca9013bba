using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>What the kernel's DAMON on this machine can, found by which files there are and which words they take.</summary>
public sealed record KernelFeatures
{
    /// <summary>Kinds of memory.</summary>
    public IReadOnlySet<KernelOperations> Operations { get; init; } = new HashSet<KernelOperations>();

    /// <summary>Actions that a scheme takes. That it takes one does not mean that it does something: see the capability matrix.</summary>
    public IReadOnlySet<SchemeAction> Actions { get; init; } = new HashSet<SchemeAction>();

    /// <summary>Filters of a scheme.</summary>
    public IReadOnlySet<SchemeFilterType> Filters { get; init; } = new HashSet<SchemeFilterType>();

    /// <summary>Metrics of goals.</summary>
    public IReadOnlySet<GoalMetric> Goals { get; init; } = new HashSet<GoalMetric>();

    /// <summary>Whether filters can let memory through (<c>allow</c>); without it a filter only holds back what it matches.</summary>
    public bool HasFilterAllow { get; init; }

    /// <summary>Whether filters stand in two folders (<c>core_filters</c>, <c>ops_filters</c>).</summary>
    public bool HasFilterLayers { get; init; }

    /// <summary>Whether the kernel tunes intervals.</summary>
    public bool HasIntervalsGoal { get; init; }

    /// <summary>Whether schemes have several destinations (<c>dests</c>).</summary>
    public bool HasDestinations { get; init; }

    /// <summary>Whether schemes have one destination (<c>target_nid</c>).</summary>
    public bool HasTargetNode { get; init; }

    /// <summary>Whether a scheme can end by itself (<c>max_nr_snapshots</c>): without it nothing that changes memory may be left to the kernel.</summary>
    public bool HasSnapshotLimit { get; init; }

    /// <summary>Whether a running target can be removed.</summary>
    public bool HasObsoleteTarget { get; init; }

    /// <summary>Whether a context can rest.</summary>
    public bool HasPause { get; init; }

    /// <summary>Whether quotas have a second tuner.</summary>
    public bool HasGoalTuner { get; init; }

    /// <summary>Whether failures can be charged less.</summary>
    public bool HasFailedCharge { get; init; }

    /// <summary>Whether a unit of physical addresses can be set.</summary>
    public bool HasAddressUnit { get; init; }

    /// <summary>Whether the effective quota can be read.</summary>
    public bool HasEffectiveQuota { get; init; }

    /// <summary>Whether tried bytes can be read without their regions.</summary>
    public bool HasTriedBytes { get; init; }

    /// <summary>Whether the kernel says how many bytes passed the filters on pages.</summary>
    public bool HasFilterPassed { get; init; }

    /// <summary>Whether a scheme has an apply interval of its own. True unless a kernel is known to be without it, as those before 6.7 are.</summary>
    public bool HasApplyInterval { get; init; } = true;

    /// <summary>Whether the one folder for all filters is there beside the two of <see cref="HasFilterLayers"/>.</summary>
    public bool HasUnlayeredFilters { get; init; }
}
