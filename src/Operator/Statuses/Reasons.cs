namespace Damon.Operator.Statuses;

/// <summary>
/// Why things are as they are: reasons of conditions, failures and events that the operator gives. The names are part of the interface: CamelCase, stable, documented in docs/reference/conditions.md. Those that agents give are
/// passed on as they are.
/// </summary>
public static class Reasons
{
    /// <summary>The scheme can be read.</summary>
    public const string Valid = "Valid";

    /// <summary>The scheme breaks a rule. It is on no node; others do not wait for it.</summary>
    public const string Invalid = "Invalid";

    /// <summary>The scheme, or the cluster's configuration, says something that this operator does not know. Such a scheme is on no node; with such a configuration nothing is let act.</summary>
    public const string OperatorTooOld = "OperatorTooOld";

    /// <summary>The scheme does not fit into a node's plan.</summary>
    public const string TooLarge = "TooLarge";

    /// <summary>Nodes that do not act are taking the version up to observe it.</summary>
    public const string Observing = "Observing";

    /// <summary>The first nodes are taking it up.</summary>
    public const string Canary = "Canary";

    /// <summary>The first nodes are watched.</summary>
    public const string Soaking = "Soaking";

    /// <summary>The others follow.</summary>
    public const string Stepping = "Stepping";

    /// <summary>Nodes are taking up what needs no rollout, or joined after it.</summary>
    public const string Updating = "Updating";

    /// <summary>Nothing is under way.</summary>
    public const string UpToDate = "UpToDate";

    /// <summary>Too many of the nodes that act under it are unhealthy; nobody else is let in.</summary>
    public const string Halted = "Halted";

    /// <summary>Too many were unhealthy; the nodes that act under it get back what they had.</summary>
    public const string Reverting = "Reverting";

    /// <summary>They have it back.</summary>
    public const string Reverted = "Reverted";

    /// <summary>No node is there that could be the first: none has targets, or those that have are degraded, cannot do it or are not reachable.</summary>
    public const string WaitingForCanary = "WaitingForCanary";

    /// <summary>The scheme is being deleted, and nodes undo it.</summary>
    public const string Deleting = "Deleting";

    /// <summary>The scheme says paused.</summary>
    public const string Paused = "Paused";

    /// <summary>The time of expiresAfter is over; it only observes.</summary>
    public const string Expired = "Expired";

    /// <summary>The cluster's configuration says Off.</summary>
    public const string ClusterOff = "ClusterOff";

    /// <summary>The cluster's configuration says Observe; a rollout waits.</summary>
    public const string ClusterObserve = "ClusterObserve";

    /// <summary>There is no configuration, which is as if it said Observe.</summary>
    public const string ClusterConfigAbsent = "ClusterConfigAbsent";

    /// <summary>The configuration breaks a rule, which is as if it said Observe.</summary>
    public const string ClusterConfigUnreadable = "ClusterConfigUnreadable";

    /// <summary>The configuration does not list the scheme's action; a rollout waits.</summary>
    public const string ActionNotAllowed = "ActionNotAllowed";

    /// <summary>The configuration does not let schemes of whole nodes act; a rollout waits.</summary>
    public const string NodeTargetsNotAllowed = "NodeTargetsNotAllowed";

    /// <summary>The server's definitions lack fields that this operator knows, so that what was written may have been cut. Nobody is let in; who is, stays so.</summary>
    public const string CrdTooOld = "CrdTooOld";

    /// <summary>Every node that can has the scheme as it stands now.</summary>
    public const string AllUpdated = "AllUpdated";

    /// <summary>No node is selected.</summary>
    public const string NoNodes = "NoNodes";

    /// <summary>Nodes are selected, but none can do it and is reachable, and those that are not have been so for five minutes.</summary>
    public const string NoUsableNodes = "NoUsableNodes";

    /// <summary>On some nodes it cannot work as it should.</summary>
    public const string NodesDegraded = "NodesDegraded";

    /// <summary>On no node.</summary>
    public const string AsExpected = "AsExpected";

    /// <summary>Containers are left to schemes of a better rank; the message names the one that has most.</summary>
    public const string Outranked = "Outranked";

    /// <summary>None are.</summary>
    public const string NoConflicts = "NoConflicts";

    /// <summary>Safety rails hold it back on some nodes now.</summary>
    public const string RailsHold = "RailsHold";

    /// <summary>On none.</summary>
    public const string NoRailHolds = "NoRailHolds";

    /// <summary>The scheme does not say paused.</summary>
    public const string NotPaused = "NotPaused";

    /// <summary>Its Node is not Ready.</summary>
    public const string NodeNotReady = "NodeNotReady";

    /// <summary>No agent runs there.</summary>
    public const string AgentAbsent = "AgentAbsent";

    /// <summary>Its agent is not Ready.</summary>
    public const string AgentNotReady = "AgentNotReady";

    /// <summary>It has not echoed its plan for five minutes.</summary>
    public const string Silent = "Silent";

    /// <summary>The node's plan is full: 16 schemes, or 32 KiB.</summary>
    public const string NodeSchemeLimit = "NodeSchemeLimit";

    /// <summary>The node's agent says that it cannot do this, and not why.</summary>
    public const string NotAvailable = "NotAvailable";

    /// <summary>Another version is rolled out from now on.</summary>
    public const string RolloutStarted = "RolloutStarted";

    /// <summary>All nodes that could take it up have.</summary>
    public const string RolloutDone = "RolloutDone";

    /// <summary>A rollout goes on after it had halted.</summary>
    public const string RolloutResumed = "RolloutResumed";

    /// <summary>No node is degraded any more.</summary>
    public const string Recovered = "Recovered";

    /// <summary>The scheme is not paused any more.</summary>
    public const string Resumed = "Resumed";

    /// <summary>A scheme was deleted, and every node has taken up a plan without it.</summary>
    public const string Undone = "Undone";

    /// <summary>A scheme was deleted, and some nodes did not confirm that they have undone it: they were not ready, or silent, for five minutes.</summary>
    public const string UndoUnconfirmed = "UndoUnconfirmed";
}
