namespace Damon.Engine.KernelDamon;

/// <summary>Why the kernel's DAMON is not asked for something. The names are stable: they appear in status and in output for programs.</summary>
public enum KernelRefusal
{
    /// <summary>It is not refused.</summary>
    None,

    /// <summary>The kernel has no such kind of memory to look at.</summary>
    NoOperations,

    /// <summary>It is no action of DAMON at all.</summary>
    NotInDamon,

    /// <summary>The kernel does not know the word, and says so when it is turned on.</summary>
    UnknownAction,

    /// <summary>The kernel takes the action, and does nothing with this kind of memory: it would report zero bytes for ever.</summary>
    NoEffect,

    /// <summary>The action needs memory to be looked at by physical address.</summary>
    NeedsPhysical,

    /// <summary>The action needs memory to be looked at by process.</summary>
    NeedsVirtual,

    /// <summary>The kernel cannot end a scheme by itself: what changes memory would go on after its owner is gone.</summary>
    NoSnapshotLimit,

    /// <summary>The scheme was given no end, though the kernel could.</summary>
    Unbounded,

    /// <summary>The kernel has no such filter.</summary>
    UnknownFilter,

    /// <summary>The kernel takes the filter and does not ask it for this action: what it should hold back would be acted on.</summary>
    FilterIgnored,

    /// <summary>Filters here only hold back: this list of filters would let something else through than it says.</summary>
    NoFilterAllow,

    /// <summary>The kernel has no such goal.</summary>
    UnknownGoal,

    /// <summary>The goal needs memory to be looked at by physical address.</summary>
    GoalNeedsPhysical,

    /// <summary>The kernel has no second tuner of quotas.</summary>
    NoGoalTuner,

    /// <summary>The kernel moves memory of a scheme to one node only.</summary>
    OneDestination,

    /// <summary>The scheme moves memory and does not say where to.</summary>
    NoDestination,

    /// <summary>The kernel does not tune intervals.</summary>
    NoIntervalsGoal,

    /// <summary>The kernel cannot let a context rest.</summary>
    NoPause,

    /// <summary>The kernel has no units of addresses.</summary>
    NoAddressUnit,

    /// <summary>The kernel's budgets know nothing of groups of targets.</summary>
    NoGroupBudget,

    /// <summary>The kernel cannot charge failures less.</summary>
    NoFailedCharge,

    /// <summary>The kernel has no such watermark.</summary>
    UnknownWatermark,
}
