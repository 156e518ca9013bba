namespace Damon.Engine.Regions;

/// <summary>One row of a <see cref="RegionTable"/>, copied out.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address after the region.</param>
/// <param name="Accesses">In how many sample intervals of the current aggregation an access was seen.</param>
/// <param name="LastAccesses">The same count at the end of the previous aggregation.</param>
/// <param name="Age">For how many aggregations the access count has stayed about the same.</param>
/// <param name="PartlyAccessed">In how many sample intervals of the current aggregation only a part was seen accessed; only probes that look at whole mappings say so.</param>
public readonly record struct Region(ulong Start, ulong End, uint Accesses = 0, uint LastAccesses = 0, uint Age = 0, uint PartlyAccessed = 0)
{
    /// <summary>Bytes covered.</summary>
    public ulong SizeBytes => End - Start;

    /// <summary>The addresses covered.</summary>
    public AddressRange Range => new(Start, End);
}
