namespace Damon.Engine.Machine;

/// <summary>What can sense accesses.</summary>
public enum MonitoringBackend
{
    /// <summary>The kernel's own DAMON, through sysfs.</summary>
    Kernel,

    /// <summary>Own sampling over the idle-page bitmap, per page.</summary>
    IdlePage,

    /// <summary>Cleared and re-read referenced bits, per mapping; coarse and with side effects, so only when named.</summary>
    Referenced,
}
