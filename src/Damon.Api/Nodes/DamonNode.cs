namespace Damon.Api.Nodes;

/// <summary>What one node is to do, as its agent reads it. Kind DamonNode of damon.dev/v1alpha1, named as the node.</summary>
public sealed record DamonNode
{
    /// <summary>The label of a Node that stops everything there, for whoever may label nodes, where its value is <c>true</c>.</summary>
    public const string PausedLabel = "damon.dev/paused";

    /// <summary>The node's name.</summary>
    public required string Name { get; init; }

    /// <summary>The object's uid; empty where it did not come from a server.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The object's generation, which counts changes of the plan; 0 where it did not come from a server.</summary>
    public long Generation { get; init; }

    /// <summary>The plan.</summary>
    public required DamonNodeSpec Spec { get; init; }
}
