using Damon.Demo.Events;
using Damon.Engine.Host;

namespace Damon.Demo.Measures;

/// <summary>What of a process is in memory, as <c>/proc/PID/smaps</c> counts it; none of it comes from the engine's counts.</summary>
/// <param name="TotalBytes">Of all its mappings.</param>
/// <param name="RegionBytes">Of each region, in the order of the workload's regions.</param>
internal sealed record ResidentMemory(ulong TotalBytes, IReadOnlyList<ulong> RegionBytes)
{
    /// <summary>Adds up the mappings. The kernel may cut one into several, so every mapping within a region counts for it.</summary>
    /// <param name="smaps">The file's content.</param>
    /// <param name="regions">Where the workload says its memory lies.</param>
    /// <returns>
    /// Nothing where a mapping has no count, a region has no mapping, or a mapping reaches over a region's edge: it could then not be said whose pages those are.
    /// </returns>
    public static ResidentMemory? From(ReadOnlySpan<byte> smaps, IReadOnlyList<WorkloadRegion> regions)
    {
        var total = 0UL;
        var bytes = new ulong[regions.Count];
        var mapped = new ulong[regions.Count];
        foreach (var entry in ProcSmaps.Enumerate(smaps))
        {
            if (!entry.IsComplete)
                return null;

            total += entry.RssBytes;
            for (var index = 0; index < regions.Count; index++)
            {
                var region = regions[index];
                if (entry.Mapping.End <= region.Start || entry.Mapping.Start >= region.End)
                    continue;
                if (entry.Mapping.Start < region.Start || entry.Mapping.End > region.End)
                    return null;

                bytes[index] += entry.RssBytes;
                mapped[index] += entry.Mapping.End - entry.Mapping.Start;
            }
        }

        return mapped.Where((sum, index) => sum != regions[index].SizeBytes).Any() ? null : new ResidentMemory(total, bytes);
    }

    /// <summary>What is in none of the regions: the program itself and its runtime.</summary>
    public ulong ElsewhereBytes => TotalBytes - RegionBytes.Aggregate(0UL, (sum, bytes) => sum + bytes);
}
