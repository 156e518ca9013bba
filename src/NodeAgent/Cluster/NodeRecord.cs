namespace Damon.NodeAgent.Cluster;

/// <summary>What the agent needs to know of its own Node object.</summary>
/// <param name="HasMemoryPressure">The condition MemoryPressure; null where it is neither True nor False.</param>
/// <param name="IsPaused">Whether it has the label <c>damon.dev/paused: "true"</c>.</param>
internal readonly record struct NodeRecord(bool? HasMemoryPressure, bool IsPaused);
