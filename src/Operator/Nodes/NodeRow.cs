using Damon.Kubernetes.Objects;
using Damon.Operator.Json;

namespace Damon.Operator.Nodes;

/// <summary>
/// All that is known of one node. Times out of reach count from when this model saw them begin; of what it found so, from when the API says, so that a restart does not begin them anew and a clock that goes wrong elsewhere
/// matters at a restart alone.
/// </summary>
/// <param name="name">The node's name.</param>
internal sealed class NodeRow(string name)
{
    private bool _wasReady;
    private bool _hadReadyAgent;

    public string Name => name;

    /// <summary>The Node; null where there is none.</summary>
    public NodeFacts? Facts { get; private set; }

    /// <summary>The pods of agents that are bound to it: two for moments when one takes the place of another.</summary>
    public List<AgentPodFacts> AgentPods { get; } = new(1);

    /// <summary>Its DamonNode; null where there is none.</summary>
    public DamonNodeRecord? Record { get; private set; }

    /// <summary>Its DamonNode, where that is this Node's and not one's that had its name before: who was admitted then is gone.</summary>
    public DamonNodeRecord? OwnRecord => Record is { } record && Facts is { } facts && record.OwnerUid == facts.Uid ? record : null;

    /// <summary>Since when its Node is not Ready; null where it is.</summary>
    public DateTimeOffset? NodeUnreadySince { get; private set; }

    /// <summary>Since when no Ready agent is there; null where one is.</summary>
    public DateTimeOffset? AgentUnreadySince { get; private set; }

    /// <summary>Since when the plan has not been taken up; null where it has.</summary>
    public DateTimeOffset? UnechoedSince { get; private set; }

    /// <summary>Uids of schemes that stood in the plan since the agent last took one up.</summary>
    public HashSet<string> HadSchemes { get; } = new(0, StringComparer.Ordinal);

    /// <summary>Uids of schemes that did not fit into its plan.</summary>
    public IReadOnlyList<string> CutSchemes { get; set; } = [];

    /// <summary>A plan that the server did not take as it was sent; null where there is none.</summary>
    public Digest? PrunedPlan { get; set; }

    /// <summary>Whether nothing at all is known of it.</summary>
    public bool IsEmpty => Facts is null && Record is null && AgentPods.Count == 0;

    public void Set(NodeFacts? facts, DateTimeOffset now)
    {
        var isSame = facts is not null && Facts is not null && facts.Uid == Facts.Uid;
        _wasReady &= isSame;
        NodeUnreadySince = facts is null ? null
            : facts.IsReady ? null
            : isSame && NodeUnreadySince is { } since ? since
            : _wasReady ? now
            : NotAfter(facts.ReadySince, now);
        _wasReady |= facts is { IsReady: true };
        AgentUnreadySince ??= AgentPods.Exists(pod => pod.IsReady) ? null : now;
        Facts = facts;
    }

    public void SetPod(AgentPodFacts pod, DateTimeOffset now)
    {
        AgentPods.RemoveAll(one => one.Key == pod.Key);
        AgentPods.Add(pod);
        PodsChanged(now);
        if (AgentUnreadySince is { } since && !_hadReadyAgent && NotAfter(pod.ReadySince, now) is var known && known < since)
            AgentUnreadySince = known;
    }

    public bool RemovePod(ObjectKey pod, DateTimeOffset now)
    {
        if (AgentPods.RemoveAll(one => one.Key == pod) == 0)
            return false;
        PodsChanged(now);
        return true;
    }

    public void Set(DamonNodeRecord? record, DateTimeOffset now)
    {
        var isSamePlan = record is not null && Record is not null && record.Uid == Record.Uid && record.Generation == Record.Generation;
        UnechoedSince = record is null || record.IsEchoed ? null
            : isSamePlan && UnechoedSince is { } since ? since
            : NotAfter(record.PlannedAt, now);
        if (record is null || record.IsEchoed)
            HadSchemes.Clear();
        else if (Record is { } before && before.Uid == record.Uid)
            HadSchemes.UnionWith(before.Entries.Select(entry => entry.Uid));
        Record = record;
    }

    private void PodsChanged(DateTimeOffset now)
    {
        var isReady = AgentPods.Exists(one => one.IsReady);
        AgentUnreadySince = isReady ? null : AgentUnreadySince ?? now;
        _hadReadyAgent |= isReady;
    }

    private static DateTimeOffset NotAfter(DateTimeOffset? time, DateTimeOffset now) => time is { } given && given < now ? given : now;
}
