namespace Damon.Interchange;

/// <summary>One record of a damo file: the snapshots of one target. Times are in nanoseconds.</summary>
internal sealed class DamoRecord
{
    public string? Kdamond { get; set; }

    public string? Context { get; set; }

    public string? Scheme { get; set; }

    public string? Target { get; set; }

    public bool HasIntervals { get; set; }

    public decimal SampleNanoseconds { get; set; } = 5_000_000;

    public decimal AggregationNanoseconds { get; set; } = 100_000_000;

    public decimal UpdateNanoseconds { get; set; } = 1_000_000_000;

    public List<DamoSnapshot> Snapshots { get; } = [];
}
