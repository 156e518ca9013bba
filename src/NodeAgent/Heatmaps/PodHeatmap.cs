using Damon.NodeAgent.Metrics;

namespace Damon.NodeAgent.Heatmaps;

/// <summary>The access rates of a pod's address spaces over time, as they were at one moment. Immutable.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="TakenAt">The moment.</param>
/// <param name="Targets">One heatmap for each address space, in the order of their numbers.</param>
/// <param name="OmittedTargets">Address spaces of the pod that are not recorded, because it has too many.</param>
internal sealed record PodHeatmap(PodName Pod, DateTimeOffset TakenAt, IReadOnlyList<TargetHeatmap> Targets, int OmittedTargets);
