using Damon.Operator.Json;

namespace Damon.Operator.Model;

/// <summary>What is to be done about a node's plan.</summary>
public sealed record NodeDecision
{
    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>What is to be done.</summary>
    public required NodeWork Work { get; init; }

    /// <summary>The object to apply with the operator's field manager, forced: metadata with owner and annotation, and spec. Empty unless <see cref="Work"/> is <see cref="NodeWork.Apply"/>.</summary>
    public ReadOnlyMemory<byte> Apply { get; init; }

    /// <summary>The uid of the object to delete; empty unless <see cref="Work"/> is <see cref="NodeWork.Delete"/>.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Of the plan in <see cref="Apply"/>.</summary>
    public Digest Digest { get; init; }

    /// <summary>Schemes that do not fit into the plan any more, or fit again: to be looked at.</summary>
    public IReadOnlyList<string> Schemes { get; init; } = [];
}
