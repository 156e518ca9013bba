namespace Damon.NodeAgent.Heatmaps;

/// <summary>What became of asking for a pod's heatmap.</summary>
/// <param name="Availability">Whether there is one.</param>
/// <param name="Heatmap">The heatmap; null where there is none.</param>
internal readonly record struct HeatmapAnswer(HeatmapAvailability Availability, PodHeatmap? Heatmap);
