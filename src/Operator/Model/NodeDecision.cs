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

    /// <summary>The digest of the plan in <see cref="Apply"/>.</summary>
    public string Digest { get; init; } = "";

    /// <summary>When to look again though nothing has changed; null where never.</summary>
    public TimeSpan? LookAgainIn { get; init; }
}
