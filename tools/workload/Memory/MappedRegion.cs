using Damon.Patterns;

namespace Damon.Workload.Memory;

/// <summary>A region of the pattern as it lies in this process's address space.</summary>
/// <param name="Name">The region's name in the pattern.</param>
/// <param name="Start">First address.</param>
/// <param name="SizeBytes">Whole pages.</param>
/// <param name="Backing">What is behind the pages.</param>
/// <param name="File">Path of the backing file; absent for anonymous memory.</param>
internal sealed record MappedRegion(string Name, ulong Start, ulong SizeBytes, RegionBacking Backing, string? File)
{
    /// <summary>The address after the last one.</summary>
    public ulong End => Start + SizeBytes;
}
