using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Cluster;

/// <summary>Where the feed puts what it hears. Called by one thread at a time, never by the agent's own; each value takes the place of the last one of its sort.</summary>
internal interface IClusterSink
{
    /// <summary>This node's plan.</summary>
    /// <param name="json">As the API server gave it; the memory may be kept.</param>
    void PutNode(ReadOnlyMemory<byte> json);

    /// <summary>The API server has no plan for this node, or does not know the kind: what was done is to be undone.</summary>
    void PutNodeAbsent();

    /// <summary>The cluster's configuration.</summary>
    /// <param name="json">As the API server gave it; the memory may be kept.</param>
    void PutConfig(ReadOnlyMemory<byte> json);

    /// <summary>The API server has no configuration, or does not know the kind: nothing is to be acted on.</summary>
    void PutConfigAbsent();

    /// <summary>The API server is there and answers for the plan and the configuration.</summary>
    void PutHeard();

    /// <summary>All pods of the node, each with the labels of its namespace.</summary>
    void PutPods(IReadOnlyCollection<PodRecord> pods);

    /// <summary>The node's condition MemoryPressure.</summary>
    void PutMemoryPressure(bool isTrue);

    /// <summary>Whether the node has the label <c>damon.dev/paused: "true"</c>.</summary>
    void PutPaused(bool isPaused);
}
