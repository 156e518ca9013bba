namespace Damon.Api.Schemes;

/// <summary>What the watermarks look at.</summary>
public enum WatermarkMetric
{
    /// <summary>No watermark: always active.</summary>
    None,

    /// <summary>MemFree as a share of MemTotal.</summary>
    FreeMemory,

    /// <summary>MemAvailable as a share of MemTotal.</summary>
    AvailableMemory,
}
