namespace Damon.NodeAgent.Heatmaps;

/// <summary>Whether a pod's heatmap can be had.</summary>
internal enum HeatmapAvailability
{
    /// <summary>It is there.</summary>
    Ready,

    /// <summary>Its recording has begun, and no aggregation was completed since.</summary>
    Recording,

    /// <summary>As many pods as can be are recorded for others.</summary>
    Busy,
}
