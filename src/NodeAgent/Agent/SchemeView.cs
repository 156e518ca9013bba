using Damon.Api.Nodes;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Agent;

/// <summary>A scheme at one moment.</summary>
internal sealed record SchemeView
{
    public required string Name { get; init; }

    public required string Uid { get; init; }

    /// <summary>The version that is carried out.</summary>
    public required string AppliedHash { get; init; }

    public required NodeSchemeState State { get; init; }

    /// <summary>Why, CamelCase and stable; empty where the state says it all.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The same for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>Containers that it is for.</summary>
    public int Targets { get; init; }

    /// <summary>Containers that it leaves to others.</summary>
    public SchemeConflicts? Conflicts { get; init; }

    /// <summary>Containers that it selects and that nothing may touch, by reason.</summary>
    public IReadOnlyDictionary<string, int> Denied { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>What it has seen and done; null where it is not carried out.</summary>
    public SchemeStatistics? Statistics { get; init; }

    /// <summary>The same for the status, where the kernel carries it out for the whole node; null otherwise.</summary>
    public SchemeEffect? Effect { get; init; }

    /// <summary>How long it takes at the most until memory that turns cold is acted on; null where it is not carried out.</summary>
    public TimeSpan? DetectionLatency { get; init; }

    /// <summary>How often a rail began to hold one of its pods.</summary>
    public long Trips { get; init; }
}
