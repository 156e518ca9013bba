namespace Damon.Api.Nodes;

/// <summary>Whether a node can do one thing.</summary>
public sealed record NodeCapability
{
    /// <summary>What, at most 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it can.</summary>
    public required bool Available { get; init; }

    /// <summary>Why not, or what is lacking: CamelCase, stable, at most 64 characters.</summary>
    public string? Reason { get; init; }

    /// <summary>The same for people.</summary>
    public string? Message { get; init; }
}
