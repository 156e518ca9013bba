namespace Damon.Api.Schemes;

/// <summary>What senses the accesses.</summary>
public enum BackendKind
{
    /// <summary>The best that the node has; which one and why is reported.</summary>
    Auto,

    /// <summary>The kernel's DAMON, through its sysfs interface.</summary>
    Kernel,

    /// <summary>Own sampling over the idle-page bitmap.</summary>
    IdlePage,

    /// <summary>Referenced bits of each mapping: works on any kernel, is coarse and disturbs the kernel's own aging.</summary>
    Referenced,
}
