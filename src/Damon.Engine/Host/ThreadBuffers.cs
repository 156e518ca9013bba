namespace Damon.Engine.Host;

/// <summary>
/// Buffers for what is read and forgotten within one call, a set for each thread. A session has thousands of probes and actors and one thread: a set for each of them was the largest part of an agent's memory.
/// </summary>
/// <remarks>Whoever takes one must be done with it before calling anything that may take it, too; nothing is kept in them from one call to the next.</remarks>
internal sealed class ThreadBuffers
{
    /// <summary>Page-map entries or page flags in one read: 16 MiB of small pages.</summary>
    public const int EntryCount = 4096;

    [ThreadStatic]
    private static ThreadBuffers? _own;

    private ulong[]? _entries, _frames;
    private int[]? _order;
    private bool[]? _passes;

    private ThreadBuffers()
    {
    }

    /// <summary>The calling thread's.</summary>
    public static ThreadBuffers Own => _own ??= new ThreadBuffers();

    /// <summary>Holds one file of the host.</summary>
    public HostReader Reader { get; } = new();

    /// <summary>What was read for one page after the other.</summary>
    public ulong[] Entries => _entries ??= new ulong[EntryCount];

    /// <summary>Page frames, sorted.</summary>
    public ulong[] Frames => _frames ??= new ulong[EntryCount];

    /// <summary>Which page a sorted frame is of.</summary>
    public int[] Order => _order ??= new int[EntryCount];

    /// <summary>Which pages are let through.</summary>
    public bool[] Passes => _passes ??= new bool[EntryCount];
}
