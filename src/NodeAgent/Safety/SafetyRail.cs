namespace Damon.NodeAgent.Safety;

/// <summary>
/// A reason for which nothing is done although a scheme matches. The names are part of the interface: they are printed, given to <c>--accept</c>, and are label values of metrics and reasons of events.
/// What each reads, and how it is loosened, is in docs/safety.md.
/// </summary>
public enum SafetyRail
{
    /// <summary>The process, or its container, has not run for long enough: what it does at its start says little about later.</summary>
    StartGrace,

    /// <summary>Processes wait for memory (PSI), on the machine or in the pod.</summary>
    Pressure,

    /// <summary>A rail cannot be measured on this machine, so it counts as tripped. May be accepted.</summary>
    RailUnmeasurable,

    /// <summary>A kdamond that is not ours reads the accessed bits that the Referenced backend clears. May be accepted.</summary>
    ForeignKdamond,

    /// <summary>The process is above 4 GiB, and a pass of the Referenced backend would hold its memory lock for too long. May be accepted.</summary>
    LargeProcess,

    /// <summary>The pod's processes wait for disks (PSI of io), which is where reclaimed memory comes back from.</summary>
    IoPressure,

    /// <summary>Too much of what was reclaimed from the pod came back, three times.</summary>
    Refault,

    /// <summary>The pod or the container has no more memory than it is to keep.</summary>
    Floor,

    /// <summary>There is no swap, or none for this pod: anonymous memory has nowhere to go.</summary>
    NoSwap,

    /// <summary>Swap is nearly full, the machine's or the pod's: anonymous memory is left alone.</summary>
    SwapLow,

    /// <summary>Somebody else fills swap: anonymous memory is left alone.</summary>
    SwapBusy,

    /// <summary>Pages may not go to that memory node: it is outside the container's cpuset, it has no room, or the mapping is bound elsewhere.</summary>
    Placement,

    /// <summary>A process of the pod was killed for want of memory, or all its processes wait for memory at once.</summary>
    Emergency,

    /// <summary>The node has the condition MemoryPressure, or all its processes wait for memory at once.</summary>
    NodeEmergency,

    /// <summary>A call into the kernel on this pod's memory has not come back.</summary>
    Stalled,

    /// <summary>The API server has not been reached for so long that the plan may be void: what enforces acts as Observe.</summary>
    PlanStale,

    /// <summary>The cluster's mode is Off.</summary>
    Off,

    /// <summary>The control group is gone: nothing is left to protect, and nothing is done.</summary>
    TargetGone,

    /// <summary>The agent's own cost is above its ceiling, and this session is among those that are shed.</summary>
    OwnCost,
}
