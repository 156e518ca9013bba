using Damon.Engine.Regions;

namespace Damon.Engine.Recordings;

/// <summary>One region of a recorded snapshot.</summary>
/// <param name="Start">First address, in bytes.</param>
/// <param name="End">First address after the region, above <paramref name="Start"/>.</param>
/// <param name="Accesses">In how many sample intervals of the aggregation an access was seen.</param>
/// <param name="Age">For how many aggregations the count has stayed about the same.</param>
/// <param name="PartlyAccessed">Of the accesses, those to a part only; 0 but for whole mappings.</param>
public readonly record struct RecordedRegion(ulong Start, ulong End, uint Accesses, uint Age, uint PartlyAccessed = 0)
{
    /// <summary>Bytes covered.</summary>
    public ulong SizeBytes => End - Start;

    /// <summary>The addresses covered.</summary>
    public AddressRange Range => new(Start, End);
}
