namespace Damon.Operator.Nodes;

/// <summary>What is kept of a DamonNode: no text of specs, texts that repeat held once.</summary>
public sealed class DamonNodeRecord
{
    /// <summary>The node's name.</summary>
    public required string Name { get; init; }

    /// <summary>The object's uid.</summary>
    public required string Uid { get; init; }

    /// <summary>The object's resourceVersion.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>The plan's generation.</summary>
    public required long Generation { get; init; }
}
