using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Api.Schemes;

namespace Damon.NodeAgent.Metrics;

/// <summary>One scheme of the node's plan.</summary>
internal sealed record SchemeFigures
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it does; null where the plan's version of it could not be read.</summary>
    public ActionType? Action { get; init; }

    /// <summary>The mode in force for it.</summary>
    public ClusterMode Mode { get; init; }

    /// <summary>How it is.</summary>
    public required NodeSchemeState State { get; init; }

    /// <summary>Why; empty where the state says it all.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The hash of the version that was taken up; empty before the first.</summary>
    public string AppliedHash { get; init; } = "";

    /// <summary>Containers that it is for.</summary>
    public int Containers { get; init; }

    /// <summary>Bytes that matched its pattern in the latest pass.</summary>
    public ulong MatchedBytes { get; init; }

    /// <summary>How long it takes at the most until memory that turns cold is acted on, budgets and rails apart; null while it is not carried out.</summary>
    public TimeSpan? DetectionLatency { get; init; }

    /// <summary>What it did, and what it would have done.</summary>
    public SchemeEffects Effects { get; init; }

    /// <summary>Of a scheme of the node, passes granted to the kernel; null otherwise.</summary>
    public ulong? Grants { get; init; }

    /// <summary>Of a scheme of the node, containers that rails hold now; null otherwise.</summary>
    public int? HeldContainers { get; init; }
}
