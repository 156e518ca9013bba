using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>An access pattern as the kernel takes it: closed ranges, in bytes, samples per aggregation and aggregations.</summary>
/// <param name="MinSizeBytes">Smallest region.</param>
/// <param name="MaxSizeBytes">Largest region.</param>
/// <param name="MinAccesses">Fewest samples of an aggregation that saw an access.</param>
/// <param name="MaxAccesses">Most of them.</param>
/// <param name="MinAge">Lowest age, in aggregations.</param>
/// <param name="MaxAge">Highest age, in aggregations.</param>
public readonly record struct KernelPattern(ulong MinSizeBytes, ulong MaxSizeBytes, uint MinAccesses, uint MaxAccesses, uint MinAge, uint MaxAge)
{
    /// <summary>Matches every region.</summary>
    public static KernelPattern Everything { get; } = new(0, ulong.MaxValue, 0, uint.MaxValue, 0, uint.MaxValue);

    /// <summary>Matches no region: for a slot that nobody uses. No region is as large, nor accessed as often.</summary>
    public static KernelPattern Nothing { get; } = new(ulong.MaxValue, ulong.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue);

    /// <summary>Takes thresholds over.</summary>
    /// <param name="thresholds">Converted for the intervals in force; representable.</param>
    public static KernelPattern From(in PatternThresholds thresholds) =>
        new(thresholds.MinSizeBytes, thresholds.MaxSizeBytes, thresholds.MinAccesses, thresholds.MaxAccesses, thresholds.MinAge, thresholds.MaxAge);
}
