using System.Runtime.CompilerServices;
using Damon.Patterns;
using Damon.Workload.Memory;

namespace Damon.Workload.Accesses;

/// <summary>The accesses of a phase to one region: where the next one goes, and the memory it goes to.</summary>
internal sealed unsafe class AccessStream
{
    private readonly byte* _start;
    private readonly bool _write;
    private readonly TouchedPages _touched;

    public AccessStream(PatternAccess access, MappedRegion region, TouchedPages touched)
    {
        _start = (byte*)region.Start;
        _write = access.Mode == AccessMode.Write;
        _touched = touched;
        Access = access;
        Cursor = new AccessCursor(access, region.SizeBytes);
    }

    public PatternAccess Access { get; }

    public AccessCursor Cursor { get; }

    /// <summary>Accesses since the phase began.</summary>
    public long Accesses { get; private set; }

    public void Restart()
    {
        Cursor.Restart();
        Accesses = 0;
    }

    /// <summary>Accesses the next word.</summary>
    /// <returns>What was read or written: the caller folds it into a value it keeps, or the compiler could leave the read out.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong AccessNext(ref RandomSequence random)
    {
        var offset = Cursor.Next(ref random);
        _touched.Mark(offset);
        var word = (ulong*)(_start + offset);
        var count = ++Accesses;
        if (!_write)
            return *word;

        *word = (ulong)count;
        return (ulong)count;
    }
}
