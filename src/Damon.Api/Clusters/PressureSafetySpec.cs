using Damon.Api.Units;

namespace Damon.Api.Clusters;

/// <summary>Time for which tasks waited (pressure stall information), above which actions rest. Shares are above 0 %.</summary>
public sealed record PressureSafetySpec
{
    /// <summary>Some task waited for memory, over ten seconds.</summary>
    public Percent MemoryAvg10 { get; init; } = DamonClusterConfigDefaults.MemoryAvg10;

    /// <summary>Some task waited for memory, over a minute.</summary>
    public Percent MemoryAvg60 { get; init; } = DamonClusterConfigDefaults.MemoryAvg60;

    /// <summary>Some task of the pod waited for input or output, over ten seconds.</summary>
    public Percent IoAvg10 { get; init; } = DamonClusterConfigDefaults.IoAvg10;

    /// <summary>Time of calm after which actions go on; zero is allowed.</summary>
    public DurationValue Calm { get; init; } = DamonClusterConfigDefaults.Calm;
}
