namespace Damon.Engine.Regions;

/// <summary>How many regions a session may have, over all its targets. The upper bound is what bounds the cost of sampling, whatever the memory's size.</summary>
/// <param name="Min">No region is larger than the memory divided by this; at least <see cref="LeastMin"/>.</param>
/// <param name="Max">The most regions; at least <paramref name="Min"/> and at most <see cref="MostMax"/>.</param>
/// <remarks>Any values can be written down; <c>MonitoringPlan.Check</c> says which can be carried out.</remarks>
public readonly record struct RegionLimits(int Min, int Max)
{
    /// <summary>The least that <see cref="Min"/> can be.</summary>
    public const int LeastMin = 3;

    /// <summary>The most that <see cref="Max"/> can be: each region costs a look per sample interval.</summary>
    public const int MostMax = 1_000_000;

    /// <summary>10 to 1000, as DAMON has it.</summary>
    public static RegionLimits Default { get; } = new(10, 1000);
}
