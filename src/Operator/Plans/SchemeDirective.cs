using Damon.Api.Schemes;
using Damon.Operator.Nodes;
using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;

namespace Damon.Operator.Plans;

/// <summary>What has been decided, and stored, about a scheme, as far as plans follow from it. Belongs to the model and its lock.</summary>
internal sealed class SchemeDirective
{
    private readonly PlannedEntry? _acting;
    private readonly PlannedEntry? _observing;
    private readonly PlannedEntry? _former;
    private readonly string _version = "";
    private readonly bool _isGoingBack;
    private readonly bool _isPaused;

    private SchemeDirective()
    {
    }

    private SchemeDirective(SchemeObject scheme, bool acts, RolloutState rollout)
    {
        Scheme = scheme;
        Acts = acts;
        _version = scheme.Version;
        _isPaused = scheme.Spec!.Paused;
        _isGoingBack = rollout.Phase is RolloutPhase.Reverting or RolloutPhase.Reverted;
        _acting = acts ? Entry(scheme, new VersionForm(Acts: true, _isPaused)) : null;
        _observing = Entry(scheme, new VersionForm(Acts: false, _isPaused));
        if (acts && rollout.Former is { } former)
        {
            var form = new VersionForm(Acts: true, _isPaused);
            _former = new(scheme.Name, scheme.Uid, former.Generation, new VersionHash(former.Hash.Version, form).ToString(), 1, scheme.CreatedAt, former.Text.In(form));
        }
    }

    /// <summary>The scheme is on no node: it is not accepted, or is being deleted.</summary>
    public static SchemeDirective Nowhere { get; } = new();

    /// <summary>The scheme; null where it is on no node.</summary>
    public SchemeObject? Scheme { get; }

    /// <summary>Whether it is to act where it is admitted.</summary>
    public bool Acts { get; }

    /// <summary>The hash of the version that nodes are to have in the end; empty where it is on no node.</summary>
    public string TargetHash => (_acting ?? _observing)?.Hash ?? "";

    /// <summary>The scheme is on the nodes that it selects.</summary>
    /// <param name="scheme">The scheme, accepted.</param>
    /// <param name="acts">Whether it is to act.</param>
    /// <param name="rollout">Where its rollout is.</param>
    public static SchemeDirective Of(SchemeObject scheme, bool acts, RolloutState rollout) => new(scheme, acts, rollout);

    /// <summary>Whether a node is to have the scheme in some form.</summary>
    public bool Selects(NodeFacts node) => Scheme is { Spec: var spec } && spec!.NodeSelector.Selects(node.Labels);

    /// <summary>What a selected node is to have, with any rank.</summary>
    /// <param name="current">What stands in its plan; null where nothing does.</param>
    /// <param name="isGranted">Whether it was granted.</param>
    public PlannedEntry EntryFor(PlannedEntry? current, bool isGranted)
    {
        var observing = _observing ?? throw new InvalidOperationException("A scheme that is on no node has no entry.");
        if (!Acts)
            return observing;
        if (isGranted || current?.AdmittedTo == _version)
            return !_isGoingBack ? _acting! : _former ?? observing;

        // It acts under a former version, and goes on with it until its turn. What acts under no version of ours cannot be told from others later, and does not go on.
        if (current is not { AdmittedTo: not null } || !VersionHash.TryParse(current.Hash, out var held))
            return observing;
        var form = new VersionForm(Acts: true, _isPaused);
        return form == current.Text.Form && form == held.Form ? current : current with { Hash = new VersionHash(held.Version, form).ToString(), Text = current.Text.In(form) };
    }

    /// <summary>Whether a node may have something else under another directive; who is granted apart.</summary>
    public bool IsSameFor(SchemeDirective other) => ReferenceEquals(this, other) || (
        TargetHash == other.TargetHash
        && Acts == other.Acts
        && _isGoingBack == other._isGoingBack
        && _former?.Hash == other._former?.Hash
        && Scheme?.Uid == other.Scheme?.Uid
        && Scheme?.Spec?.Priority == other.Scheme?.Spec?.Priority
        && SameSelector(Scheme?.Spec?.NodeSelector, other.Scheme?.Spec?.NodeSelector));

    // A selector has few parts, and a wrong "not the same" only costs a look.
    private static bool SameSelector(LabelSelector? left, LabelSelector? right) =>
        ReferenceEquals(left, right)
        || (left is not null && right is not null
            && left.MatchLabels.Count == right.MatchLabels.Count
            && left.MatchLabels.All(label => right.MatchLabels.TryGetValue(label.Key, out var value) && value == label.Value)
            && left.MatchExpressions.Count == right.MatchExpressions.Count
            && left.MatchExpressions.Zip(right.MatchExpressions).All(pair =>
                pair.First.Key == pair.Second.Key && pair.First.Operator == pair.Second.Operator && pair.First.Values.SequenceEqual(pair.Second.Values)));

    private static PlannedEntry Entry(SchemeObject scheme, VersionForm form) =>
        new(scheme.Name, scheme.Uid, scheme.Generation, new VersionHash(scheme.Version, form).ToString(), 1, scheme.CreatedAt, scheme.TextIn(form));
}
