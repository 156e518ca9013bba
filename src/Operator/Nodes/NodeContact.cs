namespace Damon.Operator.Nodes;

/// <summary>How a node can be reached at a time.</summary>
/// <param name="Reachability">Whether it can.</param>
/// <param name="IsLost">Whether it has been out of reach for so long that nobody waits for it any more.</param>
/// <param name="ChangesAt">When this is to be looked at again though nothing has changed; null where never.</param>
public readonly record struct NodeContact(Reachability Reachability, bool IsLost, DateTimeOffset? ChangesAt)
{
    /// <summary>Whether it can be told something and will answer.</summary>
    public bool IsReachable => Reachability == Reachability.Reachable;

    /// <summary>Looks at what is known of a node.</summary>
    /// <param name="row">The node.</param>
    /// <param name="now">The time of day.</param>
    /// <param name="lostAfter">After which time out of reach it is lost, and a plan without an echo silent.</param>
    internal static NodeContact Of(NodeRow row, DateTimeOffset now, TimeSpan lostAfter)
    {
        if (row.NodeUnreadySince is { } nodeSince)
            return Unreachable(Reachability.NodeNotReady, nodeSince, now, lostAfter);
        if (row.AgentUnreadySince is { } agentSince)
            return Unreachable(row.AgentPods.Count == 0 ? Reachability.AgentAbsent : Reachability.AgentNotReady, agentSince, now, lostAfter);
        if (row.UnechoedSince is not { } unechoed)
            return new(Reachability.Reachable, IsLost: false, ChangesAt: null);
        var silentAt = unechoed + lostAfter;
        return now >= silentAt ? new(Reachability.Silent, IsLost: true, ChangesAt: null) : new(Reachability.Reachable, IsLost: false, silentAt);
    }

    private static NodeContact Unreachable(Reachability how, DateTimeOffset since, DateTimeOffset now, TimeSpan lostAfter) =>
        now - since >= lostAfter ? new(how, IsLost: true, ChangesAt: null) : new(how, IsLost: false, since + lostAfter);
}
