using Damon.Kubernetes.Objects;

namespace Damon.Operator.Nodes;

/// <summary>What the operator needs of an agent's pod.</summary>
public sealed record AgentPodFacts
{
    /// <summary>Which pod.</summary>
    public required ObjectKey Key { get; init; }

    /// <summary>The node it runs on; empty before it is bound.</summary>
    public required string Node { get; init; }

    /// <summary>Whether it is ready and not on its way out.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Since when that is so; null where nobody says.</summary>
    public required DateTimeOffset? ReadySince { get; init; }
}
