using Damon.Patterns;
using Damon.Workload.Memory;

namespace Damon.Workload.Tests;

/// <summary>A few pages of real memory for each named region, zeroed.</summary>
internal sealed class SmallMemory : IDisposable
{
    public static readonly int PageBytes = Environment.SystemPageSize;

    private readonly List<GuardedMapping> _mappings = [];

    public SmallMemory(params (string Name, int Pages)[] regions)
    {
        foreach (var (name, pages) in regions)
        {
            var mapping = GuardedMapping.TryCreate((ulong)(pages * PageBytes), (ulong)PageBytes, file: null, out _)!;
            _mappings.Add(mapping);
            Regions.Add(new MappedRegion(name, mapping.Start, mapping.SizeBytes, RegionBacking.Anonymous, File: null));
        }
    }

    public List<MappedRegion> Regions { get; } = [];

    public unsafe ulong WordAt(int region, ulong offsetBytes) => *(ulong*)(Regions[region].Start + offsetBytes);

    public void Dispose() => _mappings.ForEach(mapping => mapping.Dispose());
}
