using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Agent;

/// <summary>What is new for the agent's loop. What is not known here is as it was.</summary>
internal sealed record AgentNews
{
    /// <summary>This node's plan; not known where nothing came.</summary>
    public StoredDocument Node { get; init; }

    /// <summary>The cluster's configuration; likewise.</summary>
    public StoredDocument Config { get; init; }

    /// <summary>Whether the API server has answered anything.</summary>
    public bool IsHeard { get; init; }

    /// <summary>All pods of the node with their namespaces' labels; null where they are as they were.</summary>
    public IReadOnlyCollection<PodRecord>? Pods { get; init; }

    /// <summary>Whether the node has the condition MemoryPressure; null where that is as it was.</summary>
    public bool? HasMemoryPressure { get; init; }

    /// <summary>Whether the node has the label that stops it; null where that is as it was.</summary>
    public bool? IsPaused { get; init; }
}
