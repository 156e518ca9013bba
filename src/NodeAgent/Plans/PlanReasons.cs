namespace Damon.NodeAgent.Plans;

/// <summary>Why a scheme is in the state it is in. The names are part of the interface: CamelCase, stable, documented in docs/reference/damonnode.md.</summary>
internal static class PlanReasons
{
    /// <summary>The plan says something that this agent does not know. Upgrade the agents before the operator.</summary>
    public const string AgentTooOld = "AgentTooOld";

    /// <summary>The plan holds a scheme that no version admits. It is the operator that is at fault.</summary>
    public const string InvalidScheme = "InvalidScheme";

    /// <summary>The cluster configuration says Off.</summary>
    public const string ClusterOff = "ClusterOff";

    /// <summary>The cluster configuration says Observe.</summary>
    public const string ClusterObserve = "ClusterObserve";

    /// <summary>There is no cluster configuration.</summary>
    public const string ClusterConfigAbsent = "ClusterConfigAbsent";

    /// <summary>The cluster configuration has not been heard of yet, neither from the API server nor from the disk.</summary>
    public const string ClusterConfigUnknown = "ClusterConfigUnknown";

    /// <summary>The cluster configuration cannot be read.</summary>
    public const string ClusterConfigUnreadable = "ClusterConfigUnreadable";

    /// <summary>The node's plan says Off.</summary>
    public const string NodeOff = "NodeOff";

    /// <summary>The node's plan says Observe.</summary>
    public const string NodeObserve = "NodeObserve";

    /// <summary>The cluster configuration does not list the action.</summary>
    public const string ActionNotAllowed = "ActionNotAllowed";

    /// <summary>The cluster configuration does not let schemes of whole nodes act.</summary>
    public const string NodeTargetsNotAllowed = "NodeTargetsNotAllowed";

    /// <summary>The time since the scheme's creation is over.</summary>
    public const string Expired = "Expired";

    /// <summary>The API server has not been heard of for too long.</summary>
    public const string ApiServerLost = "ApiServerLost";

    /// <summary>The scheme is suspended.</summary>
    public const string Paused = "Paused";

    /// <summary>The node's plan cannot be read; the last good one stays.</summary>
    public const string PlanUnreadable = "PlanUnreadable";

    /// <summary>The plan is another node's; the last good one stays.</summary>
    public const string NotThisNode = "NotThisNode";
}
