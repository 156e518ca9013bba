using Damon.Api.Clusters;
using Damon.Kubernetes.Objects;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;
using Damon.Operator.Schemes;

namespace Damon.Operator.Model;

/// <summary>
/// The cluster as the operator knows it, and everything that is decided about it. Informers tell it what changed and get the keys to look at; the two controllers ask it by key. It does no input or output and has no clock. Calls
/// may come from several threads; each sees and leaves a whole state. One model lives as long as one term of leadership: it is made empty when the lease is gained, and nothing is decided before all informers have settled.
/// </summary>
/// <param name="options">Times and bounds.</param>
public sealed partial class ClusterModel(ClusterModelOptions options)
{
    // One lock over everything: a decision about a scheme looks at all nodes, and takes a few milliseconds at the most.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SchemeCard> _schemes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeRow> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, string> _nodeOfPod = [];
    private List<SchemeCard>? _byRank;
    private List<PlannableScheme>? _plannable;
    private ClusterRules _rules = ClusterRules.Absent;
    private bool _isBeingUninstalled;
    private string? _definitionProblem;
    private int _prunedNodes;

    private List<SchemeCard> ByRank
    {
        get
        {
            if (_byRank is null)
            {
                _byRank = [.. _schemes.Values];
                _byRank.Sort(SchemeCard.ByRank);
            }

            return _byRank;
        }
    }

    private List<PlannableScheme> Plannable => _plannable ??= [.. ByRank.Select(card => new PlannableScheme(card.Scheme.Uid, card.Directive, card.Granted))];

    /// <summary>A scheme was added or changed. What its status says counts at first sight only: afterwards the model knows what it had written.</summary>
    /// <param name="scheme">The scheme.</param>
    public Wake SetScheme(SchemeObject scheme)
    {
        lock (_gate)
        {
            var nodes = new HashSet<string>(StringComparer.Ordinal);
            if (_schemes.TryGetValue(scheme.Name, out var card) && card.Scheme.Uid == scheme.Uid)
            {
                (card.Scheme, card.ResourceVersion) = (scheme, scheme.ResourceVersion);
            }
            else
            {
                // Another scheme of that name: nothing of the former one is its.
                if (card is not null)
                    AddNodesOf(card, nodes);
                _schemes[scheme.Name] = new(scheme);
            }

            (_byRank, _plannable) = (null, null);
            return new(nodes, [scheme.Name]);
        }
    }

    /// <summary>A scheme is gone.</summary>
    /// <param name="name">Its name.</param>
    public Wake RemoveScheme(string name)
    {
        lock (_gate)
        {
            if (!_schemes.Remove(name, out var card))
                return Wake.Nothing;
            (_byRank, _plannable) = (null, null);
            var nodes = new HashSet<string>(StringComparer.Ordinal);
            AddNodesOf(card, nodes);
            return new(nodes, [name]);
        }
    }

    /// <summary>A Node was added or changed.</summary>
    /// <param name="node">The Node.</param>
    /// <param name="now">The time of day.</param>
    public Wake SetNode(NodeFacts node, DateTimeOffset now)
    {
        lock (_gate)
        {
            var row = Row(node.Name);
            if (node == row.Facts)
                return Wake.Nothing;
            var before = row.Facts;
            row.Set(node, now);
            return new([node.Name], SchemesThatSelect(before, node));
        }
    }

    /// <summary>A Node is gone.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="now">The time of day.</param>
    public Wake RemoveNode(string name, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(name, out var row) || row.Facts is not { } before)
                return Wake.Nothing;
            row.Set((NodeFacts?)null, now);
            var schemes = SchemesThatSelect(before, null);
            schemes.UnionWith(DeletedSchemes());
            Forget(row);
            return new([name], schemes);
        }
    }

    /// <summary>An agent's pod was added or changed.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="now">The time of day.</param>
    public Wake SetAgentPod(AgentPodFacts pod, DateTimeOffset now)
    {
        lock (_gate)
        {
            // A pod is bound once; one made anew under its name may be bound elsewhere.
            var schemes = new HashSet<string>(StringComparer.Ordinal);
            if (_nodeOfPod.TryGetValue(pod.Key, out var known) && known != pod.Node)
                RemovePod(pod.Key, now, schemes);
            if (pod.Node.Length == 0)
                return new([], schemes);
            var row = Row(pod.Node);
            if (row.AgentPods.Contains(pod))
                return new([], schemes);
            _nodeOfPod[pod.Key] = pod.Node;
            row.SetPod(pod, now);
            schemes.UnionWith(SchemesOf(row));
            return new([], schemes);
        }
    }

    /// <summary>An agent's pod is gone.</summary>
    /// <param name="pod">Which one.</param>
    /// <param name="now">The time of day.</param>
    public Wake RemoveAgentPod(ObjectKey pod, DateTimeOffset now)
    {
        lock (_gate)
        {
            var schemes = new HashSet<string>(StringComparer.Ordinal);
            RemovePod(pod, now, schemes);
            return new([], schemes);
        }
    }

    /// <summary>A DamonNode was added or changed, by an informer or in the answer to a write. One that is older than what is known (same uid, smaller generation) is passed over.</summary>
    /// <param name="record">What was read of it.</param>
    /// <param name="now">The time of day.</param>
    public Wake SetDamonNode(DamonNodeRecord record, DateTimeOffset now)
    {
        lock (_gate)
            return Take(record, now);
    }

    /// <summary>A DamonNode is gone.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="now">The time of day.</param>
    public Wake RemoveDamonNode(string name, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(name, out var row) || row.Record is null)
                return Wake.Nothing;
            var schemes = SchemesOf(row);
            row.Set((DamonNodeRecord?)null, now);
            Forget(row);
            return new([name], schemes);
        }
    }

    /// <summary>The cluster's configuration, or that there is none.</summary>
    /// <param name="rules">What is in force.</param>
    /// <param name="isBeingUninstalled">Whether an uninstallation has set it to Off: no scheme gets a finalizer then.</param>
    public Wake SetConfig(ClusterRules rules, bool isBeingUninstalled = false)
    {
        lock (_gate)
        {
            var isOtherMode = rules.Mode != _rules.Mode;
            _rules = rules;
            _isBeingUninstalled = isBeingUninstalled;
            return new(isOtherMode ? [.. _nodes.Keys] : [], [.. _schemes.Keys]);
        }
    }

    /// <summary>What is lacking in the definitions that the server has, as they were looked at now; null where nothing is. Told on every scheme as <c>CrdTooOld</c>.</summary>
    /// <param name="message">What, and the remedy.</param>
    public Wake SetDefinitionProblem(string? message)
    {
        lock (_gate)
        {
            _definitionProblem = message;

            // Definitions that have changed may take now what they did not take before.
            var pruned = new List<string>();
            foreach (var row in _nodes.Values)
            {
                if (row.PrunedPlan is null)
                    continue;
                row.PrunedPlan = null;
                pruned.Add(row.Name);
            }

            _prunedNodes = 0;
            return new(pruned, [.. _schemes.Keys]);
        }
    }

    /// <summary>What is to be done about a node's plan.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="now">The time of day.</param>
    /// <param name="echoAfterSeconds">How long the agent is to wait with its echo. Not part of what the plan is compared by; whoever switches a node off wants to know at once.</param>
    public NodeDecision DecideNode(string node, DateTimeOffset now, int echoAfterSeconds = 0)
    {
        lock (_gate)
        {
            var nothing = new NodeDecision { Node = node, Work = NodeWork.Nothing };
            if (!_nodes.TryGetValue(node, out var row))
                return nothing;
            var record = row.Record;
            if (row.Facts is not { } facts)
                return record is { OwnerUid: "" } ? nothing with { Work = NodeWork.Delete, Uid = record.Uid } : nothing;
            var plan = NodePlanner.Make(facts, row.OwnRecord, Plannable, _rules.Mode, out var cut);
            var otherCut = cut.Except(row.CutSchemes, StringComparer.Ordinal).Concat(row.CutSchemes.Except(cut, StringComparer.Ordinal)).ToList();
            row.CutSchemes = cut.Count == 0 ? [] : cut;
            nothing = nothing with { Schemes = otherCut.Count == 0 ? [] : [.. ByRank.Where(card => otherCut.Contains(card.Scheme.Uid)).Select(card => card.Scheme.Name)] };
            var digest = plan.Digest;
            if (record is not null && record.PlanDigest == digest && record.OwnerUid == facts.Uid)
                return nothing;

            // The server cuts something off it, and would again.
            if (row.PrunedPlan == digest)
                return nothing;
            return nothing with { Work = NodeWork.Apply, Apply = NodePlanWriter.WriteApply(facts, plan, NoteOf(plan, row.OwnRecord, now), record?.Uid, plan.Mode == ClusterMode.Off ? 0 : echoAfterSeconds), Digest = digest };
        }
    }

    /// <summary>A node's plan was written and this is the server's answer. Where it lacks what was sent, the definition of DamonNode is too old.</summary>
    /// <param name="decision">What was written.</param>
    /// <param name="answer">What was read of the answer.</param>
    /// <param name="now">The time of day.</param>
    public Wake NodeWritten(NodeDecision decision, DamonNodeRecord answer, DateTimeOffset now)
    {
        lock (_gate)
        {
            var wake = Take(answer, now);
            if (!_nodes.TryGetValue(decision.Node, out var row))
                return wake;
            var isPruned = answer.PlanDigest != decision.Digest;
            if (isPruned == row.PrunedPlan is not null)
            {
                row.PrunedPlan = isPruned ? decision.Digest : null;
                return wake;
            }

            row.PrunedPlan = isPruned ? decision.Digest : null;
            _prunedNodes += isPruned ? 1 : -1;
            return _prunedNodes == (isPruned ? 1 : 0) ? wake with { Schemes = [.. _schemes.Keys] } : wake;
        }
    }

    /// <summary>How many nodes of each scheme are in which state, and where rollouts are: for metrics.</summary>
    public ClusterFigures Figures()
    {
        lock (_gate)
        {
            return new(
                _nodes.Values.Count(row => row.Facts is not null),
                [.. ByRank.Select(card => new SchemeFigures(card.Scheme.Name, card.Counts, card.Rollout?.Phase, card.Rollout?.Step ?? 0))]);
        }
    }

    private NodeRow Row(string name)
    {
        if (!_nodes.TryGetValue(name, out var row))
            _nodes[name] = row = new(name);
        return row;
    }

    private void Forget(NodeRow row)
    {
        if (!row.IsEmpty)
            return;
        _prunedNodes -= row.PrunedPlan is null ? 0 : 1;
        _nodes.Remove(row.Name);
    }

    private Wake Take(DamonNodeRecord record, DateTimeOffset now)
    {
        var row = Row(record.Name);
        var before = row.Record;
        if (before is not null && before.Uid == record.Uid && record.Generation < before.Generation)
            return Wake.Nothing;
        row.Set(record, now);
        var schemes = SchemesOf(row);
        var isOtherPlan = before is null || before.Uid != record.Uid || before.PlanDigest != record.PlanDigest || before.OwnerUid != record.OwnerUid;
        return new(isOtherPlan ? [record.Name] : [], schemes);
    }

    private void RemovePod(ObjectKey pod, DateTimeOffset now, HashSet<string> schemes)
    {
        if (!_nodeOfPod.Remove(pod, out var node) || !_nodes.TryGetValue(node, out var row) || !row.RemovePod(pod, now))
            return;
        schemes.UnionWith(SchemesOf(row));
        Forget(row);
    }

    /// <summary>What was noted about a node when it was admitted stays for as long as it is.</summary>
    private static PlanNote NoteOf(NodePlan plan, DamonNodeRecord? record, DateTimeOffset now)
    {
        var trips = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var entry in plan.Entries)
        {
            if (entry.AdmittedTo is not { } version)
                continue;
            var before = record?.Entry(entry.Uid)?.AdmittedTo == version
                ? record!.TripsBefore.GetValueOrDefault(entry.Name)
                : record?.Status(entry.Name)?.Trips ?? 0;
            if (before > 0)
                trips[entry.Name] = before;
        }

        return new(now, trips);
    }

    /// <summary>Schemes whose status follows from a node's: those that select it, and those that have to be undone there.</summary>
    private HashSet<string> SchemesOf(NodeRow row)
    {
        var schemes = SchemesThatSelect(row.Facts, null);
        schemes.UnionWith(DeletedSchemes());
        return schemes;
    }

    private HashSet<string> SchemesThatSelect(NodeFacts? one, NodeFacts? other)
    {
        var schemes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, card) in _schemes)
        {
            if (card.Scheme.Spec is { } spec
                && ((one is not null && spec.NodeSelector.Selects(one.Labels)) || (other is not null && spec.NodeSelector.Selects(other.Labels))))
                schemes.Add(name);
        }

        return schemes;
    }

    private IEnumerable<string> DeletedSchemes() => _schemes.Where(scheme => scheme.Value.Scheme.DeletedAt is not null).Select(scheme => scheme.Key);

    /// <summary>Nodes that have a scheme, or are to have it.</summary>
    private void AddNodesOf(SchemeCard card, HashSet<string> nodes)
    {
        foreach (var row in _nodes.Values)
        {
            if (row.Record?.Entry(card.Scheme.Uid) is not null || (row.Facts is { } facts && card.Directive?.Selects(facts) == true))
                nodes.Add(row.Name);
        }
    }
}
