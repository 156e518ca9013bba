namespace Damon.Engine.Host;

/// <summary>What stands behind a mapping, as far as its name in <c>/proc/PID/maps</c> tells.</summary>
public enum MappingKind
{
    /// <summary>Private memory without a name, or with one given by the program (<c>[anon:…]</c>).</summary>
    Anonymous,

    /// <summary>A file on a file system.</summary>
    File,

    /// <summary>The heap.</summary>
    Heap,

    /// <summary>The main thread's stack.</summary>
    Stack,

    /// <summary>Shared memory: memfd, System V, <c>/dev/shm</c>, shared anonymous. Goes to swap like anonymous memory, although a file is behind it.</summary>
    SharedMemory,

    /// <summary>A device's memory; its pages are not the system's to reclaim.</summary>
    Device,

    /// <summary>Huge pages of the huge-page file system; never reclaimed.</summary>
    HugeTlb,

    /// <summary>Pages the kernel lends to every process: vdso, vvar, vsyscall.</summary>
    Kernel,

    /// <summary>Another name in brackets, from a newer kernel.</summary>
    Other,
}
