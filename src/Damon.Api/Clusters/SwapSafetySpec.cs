using Damon.Api.Units;

namespace Damon.Api.Clusters;

/// <summary>When anonymous memory is left alone.</summary>
public sealed record SwapSafetySpec
{
    /// <summary>Share of the swap that stays free; zero is allowed.</summary>
    public Percent MinFree { get; init; } = DamonClusterConfigDefaults.MinFreeSwap;

    /// <summary>Bytes per second that others swap out at the most, above zero.</summary>
    public Quantity MaxOutPerSecond { get; init; } = DamonClusterConfigDefaults.MaxSwapOutPerSecond;
}
