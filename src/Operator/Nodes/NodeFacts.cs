using Damon.Api.Nodes;

namespace Damon.Operator.Nodes;

/// <summary>What the operator needs of a Node. Equal facts need no look at anything: a kubelet's heartbeat changes none of them.</summary>
public sealed record NodeFacts
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its uid.</summary>
    public required string Uid { get; init; }

    /// <summary>Its labels.</summary>
    public required NodeLabels Labels { get; init; }

    /// <summary>Whether its kubelet says that it is ready; unknown is not.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Since when that is so; null where nobody says.</summary>
    public required DateTimeOffset? ReadySince { get; init; }

    /// <summary>Whether it is stopped by its label.</summary>
    public bool IsPaused => Labels.Find(DamonNode.PausedLabel) == "true";
}
