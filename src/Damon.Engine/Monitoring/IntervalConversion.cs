namespace Damon.Engine.Monitoring;

/// <summary>What counts and ages mean after the intervals have changed: a count keeps its share of the samples, an age its time.</summary>
/// <remarks>DAMON converts a count through ten-thousandths of the highest one, which loses another count where those do not divide evenly; here the share is exact.</remarks>
public static class IntervalConversion
{
    /// <summary>An access count in the new unit, rounded down.</summary>
    /// <param name="count">The count; at most the samples per aggregation of <paramref name="from"/>.</param>
    /// <param name="from">The intervals that it was counted with; both intervals above zero.</param>
    /// <param name="to">The intervals from now on; both intervals above zero.</param>
    /// <returns>The count; never above the samples per aggregation of <paramref name="to"/>.</returns>
    public static uint Count(uint count, MonitoringIntervals from, MonitoringIntervals to) =>
        from.SamplesPerAggregation == to.SamplesPerAggregation
            ? count
            : (uint)Math.Min(to.SamplesPerAggregation, (ulong)count * to.SamplesPerAggregation / from.SamplesPerAggregation);

    /// <summary>An age in the new unit, rounded down.</summary>
    /// <param name="age">The age, in aggregations.</param>
    /// <param name="from">The intervals that it was counted with; both intervals above zero.</param>
    /// <param name="to">The intervals from now on; both intervals above zero.</param>
    /// <returns>The age; <see cref="uint.MaxValue"/> stands for all that is more.</returns>
    public static uint Age(uint age, MonitoringIntervals from, MonitoringIntervals to) =>
        (uint)UInt128.Min(uint.MaxValue, (UInt128)age * (ulong)from.Aggregation.Ticks / (ulong)to.Aggregation.Ticks);
}
