namespace Damon.Engine.Schemes;

/// <summary>What watermarks look at, as a share of all memory.</summary>
public enum WatermarkMetric
{
    /// <summary>Nothing: the scheme never rests.</summary>
    None,

    /// <summary>Unused memory.</summary>
    FreeMemory,

    /// <summary>What could be given to programs without swapping, by the kernel's estimate.</summary>
    AvailableMemory,
}
