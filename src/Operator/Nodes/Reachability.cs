namespace Damon.Operator.Nodes;

/// <summary>Whether a node can be told something and will answer.</summary>
public enum Reachability
{
    /// <summary>It can.</summary>
    Reachable,

    /// <summary>Its Node is not Ready.</summary>
    NodeNotReady,

    /// <summary>No agent runs there.</summary>
    AgentAbsent,

    /// <summary>Its agent is not Ready.</summary>
    AgentNotReady,

    /// <summary>It has not echoed its plan in time.</summary>
    Silent,
}
