namespace Damon.Interchange;

/// <summary>One region as damo writes it: a count and an age, each in one of two units.</summary>
internal record struct DamoRegion
{
    public ulong Start { get; set; }

    public ulong End { get; set; }

    public decimal? Samples { get; set; }

    /// <summary>1 for every sample.</summary>
    public decimal? PercentOfSamples { get; set; }

    public decimal? AgeAggregations { get; set; }

    public decimal? AgeNanoseconds { get; set; }
}
