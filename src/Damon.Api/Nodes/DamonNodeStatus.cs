namespace Damon.Api.Nodes;

/// <summary>What a node does, written by its agent alone. It holds state; numbers over time are metrics.</summary>
public sealed record DamonNodeStatus
{
    /// <summary>The generation of the plan that was taken up; null before the first.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The agent's version, at most 64 characters.</summary>
    public string? AgentVersion { get; init; }

    /// <summary>The kernel's release, at most 128 characters.</summary>
    public string? Kernel { get; init; }

    /// <summary>What this node can do, at most 64, each name once.</summary>
    public IReadOnlyList<NodeCapability> Capabilities { get; init; } = [];

    /// <summary>One for each scheme of the plan, at most 16, each name once.</summary>
    public IReadOnlyList<NodeSchemeStatus> Schemes { get; init; } = [];

    /// <summary>Ready, Degraded, EmergencyStopped; at most 16, each type once.</summary>
    public IReadOnlyList<ObjectCondition> Conditions { get; init; } = [];
}
