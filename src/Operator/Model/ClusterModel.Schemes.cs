using Damon.Api.Clusters;
using Damon.Api.Schemes;
using Damon.Kubernetes.Events;
using Damon.Operator.Deletion;
using Damon.Operator.Plans;
using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;
using Damon.Operator.Statuses;

namespace Damon.Operator.Model;

public sealed partial class ClusterModel
{
    private const int MaxShownNodes = 5;

    /// <summary>What is to be done about a scheme.</summary>
    /// <param name="scheme">Its name.</param>
    /// <param name="now">The time of day.</param>
    public SchemeDecision DecideScheme(string scheme, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (!_schemes.TryGetValue(scheme, out var card))
                return new() { Scheme = scheme, Uid = "" };
            var nothing = new SchemeDecision { Scheme = scheme, Uid = card.Scheme.Uid, At = now, Number = ++card.Decisions, Against = card.ResourceVersion };
            return card.Scheme.DeletedAt is { } deletedAt ? Undo(card, deletedAt, nothing)
                : card.Scheme.Spec is not { } spec ? WithStatus(nothing with { Directive = SchemeDirective.Nowhere }, card, new StatusInput { Scheme = card.Scheme, Before = card.Status })
                // Nobody would take it off again.
                : !card.Scheme.HasFinalizer && !_isBeingUninstalled ? nothing with { Finalizer = FinalizerWork.Add, FinalizerPatch = FinalizersPatch.Write(card.ResourceVersion, [.. card.Scheme.Finalizers, SchemeObject.Finalizer]) }
                : RollOut(card, spec, nothing);
        }
    }

    /// <summary>The server has taken a scheme's status, or none was due: what was decided holds for nodes from now on. To be called after every decision whose write did not fail.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="resourceVersion">Of the server's answer; null where nothing was written.</param>
    /// <returns>The nodes whose plans differ now.</returns>
    public Wake SchemeWritten(SchemeDecision decision, string? resourceVersion)
    {
        lock (_gate)
        {
            if (!_schemes.TryGetValue(decision.Scheme, out var card) || card.Scheme.Uid != decision.Uid || card.Decisions != decision.Number)
                return Wake.Nothing;
            if (decision.Status is { } status)
            {
                card.Status = status;
                card.WrittenAt = decision.At;
                card.EffectAt = decision.EffectAt ?? card.EffectAt;

                // An informer may have told of it already, or of what came after it.
                if (card.ResourceVersion == decision.Against)
                    card.ResourceVersion = resourceVersion ?? card.ResourceVersion;
            }

            var nodes = new HashSet<string>(StringComparer.Ordinal);
            var isOther = false;
            if (decision.Directive is { } directive)
            {
                var before = card.Directive;
                isOther = before is null || !before.IsSameFor(directive);
                if (isOther)
                {
                    AddNodesOf(card, nodes);
                    card.Directive = directive;
                    AddNodesOf(card, nodes);
                }
                else
                {
                    card.Directive = directive;
                }

                // Who was let in to another version acts under that; it takes no place of this one.
                if (!decision.KeepsGrants || before?.Scheme?.Version != directive.Scheme?.Version)
                    card.Granted.Clear();
                (_byRank, _plannable) = (null, null);
            }

            card.Granted.RemoveWhere(node => !IsOpenGrant(card, node));
            foreach (var node in decision.Grants)
            {
                if (IsOpenGrant(card, node) && card.Granted.Add(node))
                    nodes.Add(node);
            }

            // What is on no node from now on may be undone already.
            return new(nodes, decision is { Directive.Scheme: null, Finalizer: FinalizerWork.Nothing } && card.Scheme.DeletedAt is not null && isOther ? [decision.Scheme] : []);
        }
    }

    private SchemeDecision RollOut(SchemeCard card, DamonSchemeSpec spec, SchemeDecision nothing)
    {
        var (scheme, now) = (card.Scheme, nothing.At);
        DateTimeOffset? expiresAt = spec.ExpiresAfter is { } lifetime ? scheme.CreatedAt + lifetime.ToTimeSpan() : null;
        var isExpired = now >= expiresAt;
        var acts = spec.Mode == SchemeMode.Enforce && !isExpired;
        var (held, heldMessage) = HeldBy(spec, acts);
        var target = new RolloutTarget
        {
            Hash = new VersionHash(scheme.Version, new VersionForm(acts, IsPaused: false)).ToString(),
            Acts = acts,
            IsHeld = held.Length > 0 || spec.Paused,
            Spec = spec.Rollout,
            ResumeRequest = scheme.ResumeRequest,
            Former = FormerOf(card),
        };
        var state = RolloutPolicy.Begin(card.Rollout, target, now);
        var begun = SchemeDirective.Of(scheme, acts, state);
        var survey = Survey(card, begun, target.IsHeld, now);
        var decided = RolloutPolicy.Decide(state, target, survey.Rollout, now, options.ObserveWithin);
        var directive = ReferenceEquals(decided.State, state) ? begun : SchemeDirective.Of(scheme, acts, decided.State);
        card.Counts = survey.Counts;

        var effect = survey.Effect.Rounded;
        var isEffectDue = effect != card.Status.Effect && (card.EffectAt is not { } effectAt || now - effectAt >= options.EffectEvery);
        var decision = WithStatus(
            nothing with
            {
                Directive = directive,
                Grants = GrantsOf(survey, decided),

                // Otherwise nobody is let in any more, and who was waits for its turn anew.
                KeepsGrants = acts && !target.IsHeld && decided.State.Phase is RolloutPhase.Canary or RolloutPhase.Stepping or RolloutPhase.Done,
                EffectAt = isEffectDue ? now : null,
                LookAgainIn = Earlier(Earlier(Until(decided.LookAgainAt, now), Until(survey.ChangesAt, now)), isExpired ? null : Until(expiresAt, now)),
            },
            card,
            new StatusInput
            {
                Scheme = scheme,
                Before = card.Status,
                Survey = survey,
                Hash = directive.TargetHash,
                Rollout = decided.State,
                IsWaitingForCanary = decided.IsWaitingForCanary,
                IsExpired = isExpired,
                Held = held,
                HeldMessage = heldMessage,
                Effect = isEffectDue ? effect : card.Status.Effect,
            },
            decided.IsResumed);
        return effect != card.Status.Effect && !isEffectDue ? decision with { LookAgainIn = Earlier(decision.LookAgainIn, Until(card.EffectAt + options.EffectEvery, now)) } : decision;
    }

    private SchemeDecision Undo(SchemeCard card, DateTimeOffset deletedAt, SchemeDecision nothing)
    {
        var scheme = card.Scheme;
        nothing = nothing with { Directive = SchemeDirective.Nowhere };
        if (!scheme.HasFinalizer)
            return nothing;
        var undo = UndoSurvey.Of(scheme.Name, scheme.Uid, deletedAt, _nodes.Values, nothing.At, options.SilentAfter);
        if (undo.IsDone && card.Directive == SchemeDirective.Nowhere)
        {
            return nothing with
            {
                Finalizer = FinalizerWork.Remove,
                FinalizerPatch = FinalizersPatch.Write(card.ResourceVersion, [.. scheme.Finalizers.Where(one => one != SchemeObject.Finalizer)]),
                Events = undo.GivenUp.Count == 0
                    ? [new(EventType.Normal, Reasons.Undone, "Delete", "every node has taken up a plan without it")]
                    : [new(EventType.Warning, Reasons.UndoUnconfirmed, "Delete", $"{undo.GivenUp.Count} nodes did not confirm that they have undone it: {string.Join(", ", undo.GivenUp.Take(MaxShownNodes))}{(undo.GivenUp.Count > MaxShownNodes ? ", …" : "")}")],
            };
        }

        var decision = WithStatus(nothing, card, new StatusInput
        {
            Scheme = scheme,
            Before = card.Status,
            UndoPending = undo.Pending,
            Rollout = card.Rollout,
            Effect = card.Status.Effect,
        });

        // Nodes fall silent one after the other, and nothing tells of it.
        return decision with { LookAgainIn = Earlier(decision.LookAgainIn, options.CountsEvery) };
    }

    private SchemeDecision WithStatus(SchemeDecision decision, SchemeCard card, StatusInput input, bool isResumed = false)
    {
        var status = SchemeStatusBuilder.Make(input, decision.At);
        var (before, now) = (card.Status, decision.At);
        if (IsSame(before, status))
            return decision;
        if (IsSame(SchemeStatusBuilder.Essence(before), SchemeStatusBuilder.Essence(status)) && card.WrittenAt is { } writtenAt && now - writtenAt < options.CountsEvery)
            return decision with { EffectAt = null, LookAgainIn = Earlier(decision.LookAgainIn, writtenAt + options.CountsEvery - now) };
        return decision with
        {
            Status = status,
            StatusApply = SchemeStatusWriter.WriteApply(card.Scheme.Name, card.ResourceVersion, status),
            Events = SchemeTransitions.Between(before, status, isResumed),
        };

        static bool IsSame(SchemeStatus left, SchemeStatus right) => SchemeStatusWriter.Write(left).AsSpan().SequenceEqual(SchemeStatusWriter.Write(right));
    }

    private SchemeSurvey Survey(SchemeCard card, SchemeDirective directive, bool isHeld, DateTimeOffset now)
    {
        // Grants are to the version that is decided; a new one has none yet.
        IReadOnlySet<string> granted = directive.Acts && card.Directive?.Scheme?.Version == directive.Scheme!.Version ? card.Granted : new HashSet<string>();
        var surveyor = new SchemeSurveyor(directive, isHeld, granted, now, options.SilentAfter);
        foreach (var row in _nodes.Values)
            surveyor.Add(row);
        return surveyor.Result();
    }

    private static List<string> GrantsOf(SchemeSurvey survey, RolloutDecision decided)
    {
        if (decided.Grants == 0)
            return [];
        var candidates = survey.Candidates.Where(candidate => candidate.ForCanary || !decided.ToCanaries).ToList();
        candidates.Sort();
        return [.. candidates.Take(decided.Grants).Select(candidate => candidate.Node)];
    }

    private (string Reason, string Message) HeldBy(DamonSchemeSpec spec, bool acts)
    {
        if (_definitionProblem is { } problem)
            return (Reasons.CrdTooOld, problem);
        if (_prunedNodes > 0)
            return (Reasons.CrdTooOld, "the definition of DamonNode does not take what the operator writes; apply the definitions that came with it");
        if (!acts)
            return _rules.Mode == ClusterMode.Off ? (_rules.Reason, "the mode of DamonClusterConfig/cluster is Off") : ("", "");
        return _rules.WhyNotActing(spec) is { } reason ? (reason, "DamonClusterConfig/cluster does not let it act; it observes") : ("", "");
    }

    /// <summary>
    /// The version to go back to from a new one: that which was done, or that which was to be gone back to already. Its text is in the plans of the nodes that have it, or was decided upon in this term.
    /// </summary>
    private FormerVersion? FormerOf(SchemeCard card)
    {
        if (card.Rollout is not { } stored || !VersionHash.TryParse(stored.Hash, out var hash) || !hash.Form.Acts)
            return null;
        var former = stored.Phase != RolloutPhase.Done ? stored.Former : FindVersion(card, hash);
        return former?.Hash.Version == card.Scheme.Version ? null : former;
    }

    private FormerVersion? FindVersion(SchemeCard card, VersionHash hash)
    {
        if (hash.Version == card.Scheme.Version)
            return null;
        if (card.Directive?.Scheme is { } decided && decided.Version == hash.Version)
            return new(hash, decided.Generation, decided.TextIn(hash.Form));
        foreach (var row in _nodes.Values)
        {
            if (row.OwnRecord?.Entry(card.Scheme.Uid) is { AdmittedTo: { } version } entry && version == hash.Version)
                return new(hash, entry.Generation, entry.Text.In(hash.Form));
        }

        return null;
    }

    private bool IsOpenGrant(SchemeCard card, string node) =>
        _nodes.TryGetValue(node, out var row)
        && row.Facts is { } facts
        && card.Directive is { Acts: true } directive
        && directive.Selects(facts)
        && row.OwnRecord?.Entry(card.Scheme.Uid)?.AdmittedTo != card.Directive.Scheme!.Version;

    private static TimeSpan? Until(DateTimeOffset? at, DateTimeOffset now) => at is { } time ? time > now ? time - now : TimeSpan.Zero : null;

    private static TimeSpan? Earlier(TimeSpan? left, TimeSpan? right) => left is { } one && right is { } other ? (one < other ? one : other) : left ?? right;
}
