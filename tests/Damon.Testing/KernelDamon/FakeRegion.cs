namespace Damon.Testing.KernelDamon;

/// <summary>A piece of a fake process's memory, and what the kernel would have found out about it.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
/// <param name="Accesses">Samples of an aggregation that saw an access.</param>
/// <param name="Age">For how many aggregations that has been so.</param>
public readonly record struct FakeRegion(ulong Start, ulong End, uint Accesses, uint Age)
{
    /// <summary>Bytes that filters on pages let through, where there are such filters.</summary>
    public ulong FilterPassedBytes { get; init; } = End - Start;

    /// <summary>The control group that its pages are charged to, where filters are to be asked for them as the kernel asks; null where <see cref="FilterPassedBytes"/> says what comes of it.</summary>
    public string? Cgroup { get; init; }

    /// <summary>Whether such pages are anonymous; they are never young.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Its size.</summary>
    public ulong SizeBytes => End - Start;

    /// <summary>The part of it within a range; what the filters let through shrinks alike.</summary>
    public FakeRegion Within(ulong start, ulong end)
    {
        var part = this with { Start = Math.Max(Start, start), End = Math.Min(End, end) };
        return part with { FilterPassedBytes = (ulong)((UInt128)FilterPassedBytes * part.SizeBytes / SizeBytes) };
    }
}
