namespace Damon.Engine.KernelDamon;

/// <summary>Why the kernel does not carry a scheme out, or only counts for it. The names are part of the interface.</summary>
public enum KernelSchemeReason
{
    /// <summary>It does.</summary>
    None,

    /// <summary>The scheme is to observe; the kernel counts.</summary>
    Observed,

    /// <summary>Acting on a whole node has not been allowed; the kernel counts.</summary>
    NodeTargetsNotAllowed,

    /// <summary>This kernel's DAMON does not have the action for this kind of memory.</summary>
    UnsupportedAction,

    /// <summary>This kernel cannot express the filters.</summary>
    UnsupportedFilter,

    /// <summary>This kernel cannot move pages to these destinations.</summary>
    UnsupportedDestination,

    /// <summary>This kernel cannot keep the budget.</summary>
    UnsupportedQuota,

    /// <summary>This kernel cannot end a scheme by itself, so nothing is left to it.</summary>
    NoLease,

    /// <summary>The intervals, or the number of targets, are too large for a scheme to end in time by itself.</summary>
    LeaseTooLong,

    /// <summary>There is no budget, so nothing bounds what the kernel does after the agent's death.</summary>
    NoQuota,

    /// <summary>Rates or ages cannot be told apart with these intervals.</summary>
    Unrepresentable,

    /// <summary>No control group is there whose memory may be acted on.</summary>
    NoEligibleCgroup,

    /// <summary>More control groups than filters are set for.</summary>
    TooManyCgroups,
}
