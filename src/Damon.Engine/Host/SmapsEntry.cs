namespace Damon.Engine.Host;

/// <summary>One mapping of <c>/proc/PID/smaps</c>. Sizes are bytes; a field that the kernel does not write is 0.</summary>
public ref struct SmapsEntry
{
    /// <summary>The mapping's first line.</summary>
    public ProcMapping Mapping { get; internal set; }

    /// <summary>In memory and in this process's page table.</summary>
    public ulong RssBytes { get; internal set; }

    /// <summary>As <see cref="RssBytes"/>, shared pages divided by the number of processes that map them.</summary>
    public ulong PssBytes { get; internal set; }

    /// <summary>The part of <see cref="RssBytes"/> that has been accessed since the accessed bits were last cleared.</summary>
    public ulong ReferencedBytes { get; internal set; }

    /// <summary>Without a file behind it.</summary>
    public ulong AnonymousBytes { get; internal set; }

    /// <summary>In swap.</summary>
    public ulong SwapBytes { get; internal set; }

    /// <summary>In transparent huge pages.</summary>
    public ulong AnonHugePagesBytes { get; internal set; }

    /// <summary>Locked in memory.</summary>
    public ulong LockedBytes { get; internal set; }

    /// <summary>What the flags say.</summary>
    public MappingTraits Traits { get; internal set; }

    /// <summary>
    /// Whether both Rss and Referenced were there. Without them nothing follows from the zeros: an entry cut short must not look cold, and kernels built without
    /// page monitoring write no Referenced.
    /// </summary>
    public bool IsComplete { get; internal set; }

    /// <summary>Whether its pages are ordinary memory that can be watched and reclaimed.</summary>
    public readonly bool CanHoldPages => Mapping.CanHoldPages && (Traits & (MappingTraits.Io | MappingTraits.PageFrames | MappingTraits.HugeTlb)) == MappingTraits.None;
}
