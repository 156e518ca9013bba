namespace Damon.Api.Nodes;

/// <summary>What became of a scheme on a node.</summary>
public sealed record NodeSchemeStatus
{
    /// <summary>The scheme's name.</summary>
    public required string Name { get; init; }

    /// <summary>The hash of the version that was taken up; null before the first.</summary>
    public string? AppliedHash { get; init; }

    /// <summary>How it is.</summary>
    public required NodeSchemeState State { get; init; }

    /// <summary>Why: CamelCase, stable, at most 64 characters; null where the state says it all.</summary>
    public string? Reason { get; init; }

    /// <summary>The same for people.</summary>
    public string? Message { get; init; }

    /// <summary>Since when state and reason are so.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Containers that the scheme is for.</summary>
    public int Targets { get; init; }

    /// <summary>Containers left to schemes of a better rank; null where there are none.</summary>
    public SchemeConflicts? Conflicts { get; init; }

    /// <summary>What it does to memory; null where nothing is known.</summary>
    public SchemeEffect? Effect { get; init; }

    /// <summary>How often a rail began to hold since the agent started.</summary>
    public long Trips { get; init; }
}
