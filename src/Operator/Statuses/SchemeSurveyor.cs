using Damon.Api.Nodes;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;
using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;

namespace Damon.Operator.Statuses;

/// <summary>Looks at all nodes for one scheme, once. Nothing is carried over from look to look, so nothing can drift.</summary>
/// <param name="directive">What is decided about the scheme; on some node.</param>
/// <param name="isHeld">Whether something keeps the scheme from acting anywhere.</param>
/// <param name="granted">Names of nodes that are let in.</param>
/// <param name="now">The time of day.</param>
/// <param name="lostAfter">After which time out of reach a node is lost.</param>
internal sealed class SchemeSurveyor(SchemeDirective directive, bool isHeld, IReadOnlySet<string> granted, DateTimeOffset now, TimeSpan lostAfter)
{
    private const int MaxFailures = 10;

    private readonly SchemeObject _scheme = directive.Scheme ?? throw new ArgumentException("A scheme that is on no node is not looked for.", nameof(directive));
    private readonly List<AdmissionCandidate> _candidates = [];
    private readonly List<(DateTimeOffset Since, SchemeFailure Failure)> _failures = [];
    private readonly Dictionary<string, long> _winners = new(StringComparer.Ordinal);
    private readonly int[] _states = new int[Enum.GetValues<NodeSchemeState>().Length];
    private int _unreachable, _mayAnswer, _updated, _able, _admitted, _granted, _underWay, _degraded, _uncertain, _tripped, _awaited, _canaryCandidates;
    private int _failureCount, _conflictNodes, _railsHold;
    private long _conflictContainers;
    private EffectSums _effect;
    private DateTimeOffset? _changesAt;

    /// <summary>Takes one node.</summary>
    public void Add(NodeRow row)
    {
        if (row.Facts is not { } node || !directive.Selects(node))
            return;
        var record = row.OwnRecord;
        var entry = record?.Entry(_scheme.Uid);
        var isGranted = granted.Contains(row.Name);
        var isAdmitted = directive.Acts && entry?.AdmittedTo == _scheme.Version;
        var contact = NodeContact.Of(row, now, lostAfter);
        if (contact.ChangesAt is { } at && (_changesAt is null || at < _changesAt))
            _changesAt = at;

        var said = record?.Status(_scheme.Name);
        var isTakenUp = entry is not null && said is { } one && one.AppliedHash == entry.Hash && one.State != NodeSchemeState.Pending;
        var isExpected = entry is not null && directive.EntryFor(entry, isGranted).Hash == entry.Hash;
        if (said is { } figures)
            AddFigures(figures);
        if (directive.Acts)
            AddAdmission(isAdmitted, isGranted, isTakenUp, contact, said, record);

        var state = StateOf(row, contact, entry, isAdmitted, isTakenUp, isExpected, said, out var reason, out var message, out var since);
        if (state is not { } known)
        {
            _unreachable++;
            _mayAnswer += contact.IsLost ? 0 : 1;

            // Whoever is away for a moment only is not worth a word.
            if (contact.IsLost)
                AddFailure(new(row.Name, ReasonOf(contact.Reachability), ""), row.NodeUnreadySince ?? row.AgentUnreadySince ?? row.UnechoedSince ?? now);
            return;
        }

        _states[(int)known]++;
        if (known is NodeSchemeState.Degraded or NodeSchemeState.Unsupported)
            AddFailure(new(row.Name, reason, message), since);
        if (known == NodeSchemeState.Unsupported)
            return;
        _able++;
        _updated += isTakenUp && entry!.Hash == directive.TargetHash ? 1 : 0;
        _awaited += !isExpected || !isTakenUp ? 1 : 0;
        if (directive.Acts && !isAdmitted && !isGranted && isExpected && isTakenUp && MayBeAdmitted(entry!, said!.Value))
            AddCandidate(row, node, said.Value);
    }

    /// <summary>What was seen.</summary>
    public SchemeSurvey Result()
    {
        _failures.Sort(static (left, right) =>
        {
            var order = left.Since.CompareTo(right.Since);
            return order != 0 ? order : string.CompareOrdinal(left.Failure.Node, right.Failure.Node);
        });
        var winner = _winners.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).FirstOrDefault();
        return new SchemeSurvey
        {
            Counts = new NodeCounts
            {
                Updated = _updated,
                Pending = Count(NodeSchemeState.Pending),
                Paused = Count(NodeSchemeState.Paused),
                Observing = Count(NodeSchemeState.Observing),
                Active = Count(NodeSchemeState.Active),
                Backoff = Count(NodeSchemeState.Backoff),
                Stopped = Count(NodeSchemeState.Stopped),
                Degraded = Count(NodeSchemeState.Degraded),
                Unsupported = Count(NodeSchemeState.Unsupported),
                Unreachable = _unreachable,
            },
            Rollout = new RolloutSurvey
            {
                Able = _able,
                MayAnswer = _mayAnswer,
                Admitted = _admitted,
                Granted = _granted,
                UnderWay = _underWay,
                Degraded = _degraded,
                Uncertain = _uncertain,
                Tripped = _tripped,
                Awaited = _awaited,
                Candidates = _candidates.Count,
                CanaryCandidates = _canaryCandidates,
            },
            Effect = _effect,
            Failures = [.. _failures.Select(one => one.Failure)],
            FailuresTruncated = _failureCount > _failures.Count,
            ConflictContainers = _conflictContainers,
            ConflictNodes = _conflictNodes,
            ConflictWinner = winner.Key ?? "",
            RailsHold = _railsHold,
            Candidates = _candidates,
            ChangesAt = _changesAt,
        };

        int Count(NodeSchemeState state) => _states[(int)state];
    }

    private void AddFigures(NodeSchemeRecord said)
    {
        _effect = _effect.Plus(said.ColdBytes, said.AdvisedBytes, said.AwayBytes);
        if (said.ConflictContainers > 0)
        {
            _conflictContainers += said.ConflictContainers;
            _conflictNodes++;
            if (said.ConflictWinner.Length > 0)
                _winners[said.ConflictWinner] = _winners.GetValueOrDefault(said.ConflictWinner) + said.ConflictContainers;
        }
    }

    private void AddAdmission(bool isAdmitted, bool isGranted, bool isTakenUp, NodeContact contact, NodeSchemeRecord? said, DamonNodeRecord? record)
    {
        if (!isAdmitted)
        {
            // Granted, and its plan is not seen yet: it may have it any moment.
            _granted += isGranted ? 1 : 0;
            _underWay += isGranted ? 1 : 0;
            return;
        }

        _admitted++;
        _underWay += !isTakenUp && !contact.IsLost ? 1 : 0;
        _degraded += contact.IsLost || (contact.IsReachable && isTakenUp && said is { State: NodeSchemeState.Degraded }) ? 1 : 0;
        _uncertain += !contact.IsReachable && !contact.IsLost ? 1 : 0;
        if (said is { } one)
        {
            // Fewer than before means that the agent has started since, and counts from zero.
            var before = record!.TripsBefore.GetValueOrDefault(_scheme.Name);
            _tripped += one.Trips > (one.Trips < before ? 0 : before) ? 1 : 0;
        }
    }

    /// <summary>The state that counts; null is unreachable.</summary>
    private NodeSchemeState? StateOf(
        NodeRow row, NodeContact contact, PlannedEntry? entry, bool isAdmitted, bool isTakenUp, bool isExpected, NodeSchemeRecord? said, out string reason, out string message, out DateTimeOffset since)
    {
        (reason, message, since) = (said?.Reason ?? "", said?.Message ?? "", said?.Since ?? now);
        if (!contact.IsReachable)
            return null;
        if (entry is null && row.CutSchemes.Contains(_scheme.Uid, StringComparer.Ordinal))
        {
            (reason, message, since) = (Reasons.NodeSchemeLimit, "schemes of a better rank leave no room in the node's plan", now);
            return NodeSchemeState.Unsupported;
        }

        if (isTakenUp && said is { State: NodeSchemeState.Unsupported })
            return NodeSchemeState.Unsupported;
        if (directive.Acts && row.OwnRecord?.Capabilities.WhyNot(_scheme.Spec!) is { } missing)
        {
            (reason, message, since) = (missing, "the node cannot do this", now);
            return NodeSchemeState.Unsupported;
        }

        if (!isTakenUp || !isExpected)
            return NodeSchemeState.Pending;
        var state = said!.Value.State;
        _railsHold += state == NodeSchemeState.Backoff || (state == NodeSchemeState.Stopped && !IsByMode(said.Value.Reason)) ? 1 : 0;

        // It waits for its turn; what it does meanwhile is told where it is more than that.
        return directive.Acts && !isAdmitted && !isHeld && state is not (NodeSchemeState.Degraded or NodeSchemeState.Paused or NodeSchemeState.Stopped) ? NodeSchemeState.Pending : state;
    }

    private static string ReasonOf(Reachability how) => how switch
    {
        Reachability.NodeNotReady => Reasons.NodeNotReady,
        Reachability.AgentAbsent => Reasons.AgentAbsent,
        Reachability.AgentNotReady => Reasons.AgentNotReady,
        _ => Reasons.Silent,
    };

    // Of a version that observes badly nothing good is to be expected. A former one that acts badly is no reason against this one: it may be what mends it.
    private static bool MayBeAdmitted(PlannedEntry entry, NodeSchemeRecord said) => entry.Acts || said.State != NodeSchemeState.Degraded;

    private void AddCandidate(NodeRow row, NodeFacts node, NodeSchemeRecord said)
    {
        var forCanary = said.Targets > 0 && !node.IsPaused;
        _canaryCandidates += forCanary ? 1 : 0;
        _candidates.Add(new(row.Name, NodeOrder.Of(_scheme.Uid, row.Name), forCanary));
    }

    private void AddFailure(SchemeFailure failure, DateTimeOffset since)
    {
        _failureCount++;

        // The longest first. The list is short, and is sorted once at the end.
        if (_failures.Count < MaxFailures)
        {
            _failures.Add((since, failure));
            return;
        }

        var latest = 0;
        for (var i = 1; i < _failures.Count; i++)
        {
            if (IsAfter(_failures[i], _failures[latest]))
                latest = i;
        }

        if (IsAfter(_failures[latest], (since, failure)))
            _failures[latest] = (since, failure);

        static bool IsAfter((DateTimeOffset Since, SchemeFailure Failure) left, (DateTimeOffset Since, SchemeFailure Failure) right) =>
            left.Since != right.Since ? left.Since > right.Since : string.CompareOrdinal(left.Failure.Node, right.Failure.Node) > 0;
    }

    private static bool IsByMode(string reason) => reason is Reasons.ClusterOff or "NodeOff";
}
