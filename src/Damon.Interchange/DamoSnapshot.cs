namespace Damon.Interchange;

/// <summary>One snapshot of a damo record. Times are in nanoseconds.</summary>
internal sealed class DamoSnapshot
{
    public decimal? Start { get; set; }

    public decimal End { get; set; }

    /// <summary>The tuned sampling interval; nothing where it is the record's.</summary>
    public decimal? SampleNanoseconds { get; set; }

    public List<DamoRegion> Regions { get; } = [];
}
