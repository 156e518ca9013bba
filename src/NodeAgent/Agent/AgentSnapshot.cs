namespace Damon.NodeAgent.Agent;

/// <summary>How the agent is at one moment. Never changes: the loop makes a new one, and whoever reads it needs no lock.</summary>
internal sealed record AgentSnapshot
{
    /// <summary>Before the loop has begun.</summary>
    public static AgentSnapshot Empty { get; } = new();

    /// <summary>When it was made.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The generation of the plan in force; null before the first.</summary>
    public long? PlanGeneration { get; init; }

    /// <summary>How long the echo of that plan is to wait.</summary>
    public TimeSpan EchoAfter { get; init; }

    /// <summary>What is wrong with the latest plan or configuration, for people; empty where nothing is.</summary>
    public string Problem { get; init; } = "";

    /// <summary>The schemes of the plan, best rank first.</summary>
    public IReadOnlyList<SchemeView> Schemes { get; init; } = [];

    /// <summary>The containers of the node that were found.</summary>
    public IReadOnlyList<ContainerView> Containers { get; init; } = [];

    /// <summary>The node and the agent itself.</summary>
    public NodeView Node { get; init; } = new();
}
