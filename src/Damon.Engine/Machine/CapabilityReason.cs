namespace Damon.Engine.Machine;

/// <summary>Why something is available on a machine or not. The names are part of the API: they appear in status and do not change.</summary>
public enum CapabilityReason
{
    /// <summary>It is available.</summary>
    Available,

    /// <summary>Available, with side effects: never chosen unless it is named.</summary>
    OptInOnly,

    /// <summary>The kernel has it not built in, or it is too old.</summary>
    NotInKernel,

    /// <summary>Somebody else owns it.</summary>
    Busy,

    /// <summary>The kernel has it; this version of the product does not use it yet.</summary>
    NotInThisVersion,

    /// <summary>The kernel was built without idle-page tracking.</summary>
    NoIdlePageTracking,

    /// <summary>CAP_SYS_ADMIN is missing.</summary>
    NeedsCapSysAdmin,

    /// <summary>CAP_SYS_PTRACE is missing.</summary>
    NeedsCapSysPtrace,

    /// <summary>CAP_SYS_NICE is missing.</summary>
    NeedsCapSysNice,

    /// <summary>CAP_DAC_OVERRIDE is missing.</summary>
    NeedsCapDacOverride,

    /// <summary>Nothing in user space can do it, whatever the machine: only the kernel's own DAMON. It can be counted.</summary>
    NotInUserSpace,

    /// <summary>The machine has one memory node only, so there is nowhere to move memory to.</summary>
    OneMemoryNode,

    /// <summary>Memory is not accounted in cgroup v2.</summary>
    NeedsCgroupV2,

    /// <summary>The kernel writes no Referenced numbers (built without page monitoring in /proc).</summary>
    NoPageMonitor,

    /// <summary>The files to write are on a file system that is mounted read-only here.</summary>
    MountedReadOnly,

    /// <summary>CAP_DAC_READ_SEARCH is missing.</summary>
    NeedsCapDacReadSearch,

    /// <summary>All of the machine's memory is in one tier, so there is no other to move memory to.</summary>
    OneMemoryTier,

    /// <summary>Which memory nodes are fast and which slow cannot be read.</summary>
    MemoryTiersUnknown,

    /// <summary>It may not be used here: whoever runs the process has said so.</summary>
    SwitchedOff,
}
