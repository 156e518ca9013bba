namespace Damon.Engine.Host;

/// <summary>The part of a mapping's VmFlags (<c>/proc/PID/smaps</c>) that decides what may be done with it.</summary>
[Flags]
public enum MappingTraits
{
    /// <summary>None of those below.</summary>
    None = 0,

    /// <summary>lo: locked in memory.</summary>
    Locked = 1,

    /// <summary>io: memory-mapped input and output.</summary>
    Io = 2,

    /// <summary>pf: bare frames without page structures.</summary>
    PageFrames = 4,

    /// <summary>ht: huge pages of the huge-page file system.</summary>
    HugeTlb = 8,

    /// <summary>hg: huge pages advised.</summary>
    HugePageAdvised = 16,

    /// <summary>nh: huge pages advised against.</summary>
    NoHugePageAdvised = 32,
}
