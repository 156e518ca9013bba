using Damon.Api.Nodes;

namespace Damon.NodeAgent.Plans;

/// <summary>How the node is right now, as the agent's loop sees it.</summary>
internal sealed record NodeReport
{
    /// <summary>The generation of the plan that was taken up; null before the first.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>How long the echo of that plan is to wait.</summary>
    public TimeSpan EchoAfter { get; init; }

    /// <summary>The agent's version.</summary>
    public string AgentVersion { get; init; } = "";

    /// <summary>The kernel's release.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>What the node can do, each name once.</summary>
    public IReadOnlyList<NodeCapability> Capabilities { get; init; } = [];

    /// <summary>The schemes, each name once.</summary>
    public IReadOnlyList<SchemeReport> Schemes { get; init; } = [];

    /// <summary>The conditions, each type once.</summary>
    public IReadOnlyList<ConditionReport> Conditions { get; init; } = [];
}
