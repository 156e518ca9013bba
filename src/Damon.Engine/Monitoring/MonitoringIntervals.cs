namespace Damon.Engine.Monitoring;

/// <summary>How often a session looks, sums up, and re-reads address spaces.</summary>
public readonly record struct MonitoringIntervals
{
    /// <summary>Checks and keeps the intervals.</summary>
    /// <param name="sample">How long an accessed state is observed; above zero.</param>
    /// <param name="aggregation">How long access counts are summed; at least <paramref name="sample"/>.</param>
    /// <param name="update">How often address spaces are re-read; at least <paramref name="aggregation"/>.</param>
    public MonitoringIntervals(TimeSpan sample, TimeSpan aggregation, TimeSpan update)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(sample, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(aggregation, sample);
        ArgumentOutOfRangeException.ThrowIfLessThan(update, aggregation);
        Sample = sample;
        Aggregation = aggregation;
        Update = update;
    }

    /// <summary>5 ms, 100 ms and 60 s, as DAMON has them.</summary>
    public static MonitoringIntervals Default { get; } = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60));

    /// <summary>How long an accessed state is observed.</summary>
    public TimeSpan Sample { get; }

    /// <summary>How long access counts are summed.</summary>
    public TimeSpan Aggregation { get; }

    /// <summary>How often address spaces are re-read.</summary>
    public TimeSpan Update { get; }

    /// <summary>Sample intervals per aggregation: the highest access count there can be.</summary>
    public uint SamplesPerAggregation => (uint)Math.Max(1, Aggregation.Ticks / Sample.Ticks);

    /// <summary>The same shape with another sample interval: the number of samples per aggregation stays.</summary>
    /// <param name="sample">The new sample interval, above zero.</param>
    public MonitoringIntervals WithSample(TimeSpan sample)
    {
        var aggregation = sample * SamplesPerAggregation;
        return new MonitoringIntervals(sample, aggregation, aggregation > Update ? aggregation : Update);
    }
}
