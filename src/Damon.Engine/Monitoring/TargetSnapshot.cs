namespace Damon.Engine.Monitoring;

/// <summary>What was known of one target at a moment.</summary>
/// <param name="Id">The caller's number for it.</param>
/// <param name="Regions">Ascending, without overlaps.</param>
public sealed record TargetSnapshot(int Id, IReadOnlyList<RegionSnapshot> Regions)
{
    /// <summary>Bytes covered by the regions.</summary>
    public ulong TotalBytes => Regions.Aggregate(0UL, (sum, region) => sum + region.Range.SizeBytes);
}
