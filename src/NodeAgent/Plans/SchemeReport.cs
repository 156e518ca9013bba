using Damon.Api.Nodes;

namespace Damon.NodeAgent.Plans;

/// <summary>How a scheme is right now, as the agent's loop sees it; since when it is so, the book knows.</summary>
internal sealed record SchemeReport
{
    /// <summary>The scheme's name.</summary>
    public required string Name { get; init; }

    /// <summary>The hash of the version that was taken up; null before the first.</summary>
    public string? AppliedHash { get; init; }

    /// <summary>How it is.</summary>
    public required NodeSchemeState State { get; init; }

    /// <summary>Why; empty where the state says it all.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The same for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>Containers that it is for.</summary>
    public int Targets { get; init; }

    /// <summary>Containers that are left to others; null where there are none.</summary>
    public SchemeConflicts? Conflicts { get; init; }

    /// <summary>What it does to memory; null where nothing is known.</summary>
    public SchemeEffect? Effect { get; init; }

    /// <summary>How often a rail began to hold since the agent started; never falls while a scheme is there.</summary>
    public long Trips { get; init; }
}
