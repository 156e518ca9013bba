using Damon.Api.Clusters;

namespace Damon.NodeAgent.Metrics;

/// <summary>All figures of the agent at one moment. Immutable: the loop publishes a new one, and metrics, snapshots and readiness are read from it.</summary>
internal sealed record AgentFigures
{
    /// <summary>When they were taken.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>When the agent started, from which all its counters count.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>The agent's version.</summary>
    public required string Version { get; init; }

    /// <summary>The kernel's release, as <c>uname -r</c> says it.</summary>
    public required string Kernel { get; init; }

    /// <summary>Whether a plan is known: read from the API server or the disk, or known to be absent.</summary>
    public bool HasPlan { get; init; }

    /// <summary>The mode in force for the node as a whole; the smaller of the cluster's and the node's.</summary>
    public ClusterMode Mode { get; init; }

    /// <summary>What the agent itself costs.</summary>
    public OwnFigures Own { get; init; } = new();

    /// <summary>The memory that is watched on the node, by how long ago it was accessed.</summary>
    public IdleHistogram Memory { get; init; } = IdleHistogram.Empty;

    /// <summary>The kernel's look at all of physical memory; null where no scheme of the node is carried out.</summary>
    public NodeFigures? Physical { get; init; }

    /// <summary>The monitoring sessions: at most one per backend.</summary>
    public IReadOnlyList<SessionFigures> Sessions { get; init; } = [];

    /// <summary>The schemes of the plan.</summary>
    public IReadOnlyList<SchemeFigures> Schemes { get; init; } = [];

    /// <summary>How many containers are in which state; a state that is absent has none.</summary>
    public IReadOnlyDictionary<ContainerState, int> Containers { get; init; } = new Dictionary<ContainerState, int>();

    /// <summary>What the safety rails did; a rail that is absent never held.</summary>
    public IReadOnlyList<RailFigures> Rails { get; init; } = [];

    /// <summary>The pods that are watched.</summary>
    public IReadOnlyList<PodFigures> Pods { get; init; } = [];
}
