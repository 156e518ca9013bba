namespace Damon.Engine.KernelDamon;

/// <summary>Which kind of memory a context of the kernel's DAMON looks at.</summary>
public enum KernelOperations
{
    /// <summary>Virtual addresses of processes; their ranges follow the mappings.</summary>
    Vaddr,

    /// <summary>Virtual addresses of processes, within fixed ranges.</summary>
    Fvaddr,

    /// <summary>Physical addresses of the machine.</summary>
    Paddr,
}
