namespace Damon.Engine.Machine;

/// <summary>The capabilities (capabilities(7)) that matter here, as bits of CapEff.</summary>
[Flags]
public enum ProcessCapabilities : ulong
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>CAP_DAC_OVERRIDE: write any file; clear_refs of other users' processes.</summary>
    DacOverride = 1UL << 1,

    /// <summary>CAP_DAC_READ_SEARCH: read any file; the page map of other users' processes.</summary>
    DacReadSearch = 1UL << 2,

    /// <summary>CAP_FOWNER: counts as owner of any file; page-out of other users' file pages.</summary>
    FileOwner = 1UL << 3,

    /// <summary>CAP_KILL: signal any process.</summary>
    Kill = 1UL << 5,

    /// <summary>CAP_SYS_PTRACE: inspect any process.</summary>
    SysPtrace = 1UL << 19,

    /// <summary>CAP_SYS_ADMIN: frame numbers in pagemap.</summary>
    SysAdmin = 1UL << 21,

    /// <summary>CAP_SYS_NICE: influence other processes; process_madvise.</summary>
    SysNice = 1UL << 23,

    /// <summary>CAP_SYS_RESOURCE: exceed limits.</summary>
    SysResource = 1UL << 24,
}
