namespace Damon.Operator.Nodes;

/// <summary>What the operator needs of a Node.</summary>
public sealed record NodeFacts
{
    /// <summary>The label that stops a node.</summary>
    public const string PausedLabel = "damon.dev/paused";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its uid.</summary>
    public required string Uid { get; init; }

    /// <summary>Its labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Whether its kubelet says that it is ready; unknown is not.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Since when that is so.</summary>
    public required DateTimeOffset ReadySince { get; init; }

    /// <summary>Whether it is stopped by its label.</summary>
    public bool IsPaused => Labels.TryGetValue(PausedLabel, out var value) && value == "true";
}
