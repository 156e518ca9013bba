using Damon.Kubernetes.Events;
using Damon.Operator.Rollouts;

namespace Damon.Operator.Statuses;

/// <summary>What has happened between two statuses. A status that lasts is no event, and neither is a restart: the one before comes from the server.</summary>
internal static class SchemeTransitions
{
    /// <summary>Compares.</summary>
    /// <param name="before">The status as it was last written.</param>
    /// <param name="after">The new one.</param>
    /// <param name="isResumed">Whether a resume request was heard.</param>
    public static IReadOnlyList<SchemeEvent> Between(SchemeStatus before, SchemeStatus after, bool isResumed)
    {
        var events = new List<SchemeEvent>();
        if (Turned(ConditionTypes.Accepted, "False", initially: "True") is { } refused)
            events.Add(new(EventType.Warning, refused.Reason, "Accept", refused.Message ?? ""));
        Rollout(events, before.Rollout, after, isResumed);
        Both(ConditionTypes.Degraded, EventType.Warning, "Watch", Reasons.NodesDegraded, Reasons.Recovered, "no node is degraded any more");
        Both(ConditionTypes.Conflicted, EventType.Warning, "Plan", Reasons.Outranked, Reasons.NoConflicts, "no container is left to another scheme any more");
        Both(ConditionTypes.SafetyTripped, EventType.Warning, "Watch", Reasons.RailsHold, Reasons.NoRailHolds, "no safety rail holds it back any more");
        Both(ConditionTypes.Paused, EventType.Normal, "Plan", Reasons.Paused, Reasons.Resumed, "it is not paused any more");
        if (after.Condition(ConditionTypes.Ready) is { } ready && before.Condition(ConditionTypes.Ready)?.Reason != ready.Reason && ready.Reason is Reasons.Expired or Reasons.CrdTooOld)
            events.Add(new(EventType.Warning, ready.Reason, "Plan", ready.Message ?? ""));
        return events;

        void Both(string type, EventType onTrue, string action, string trueReason, string falseReason, string falseNote)
        {
            if (Turned(type, "True", initially: "False") is { } turnedTrue)
                events.Add(new(onTrue, trueReason, action, turnedTrue.Message ?? ""));
            else if (Turned(type, "False", initially: "False") is not null)
                events.Add(new(EventType.Normal, falseReason, action, falseNote));
        }

        Api.Nodes.ObjectCondition? Turned(string type, string status, string initially) =>
            after.Condition(type) is { } condition && condition.Status == status && (before.Condition(type)?.Status ?? initially) != status ? condition : null;
    }

    private static void Rollout(List<SchemeEvent> events, RolloutState? before, SchemeStatus after, bool isResumed)
    {
        if (after.Rollout is not { } rollout)
            return;
        if (isResumed)
            events.Add(new(EventType.Normal, Reasons.RolloutResumed, "Rollout", "it goes on, as was asked for"));
        var isNew = before?.Hash != rollout.Hash;
        if (!isNew && before!.Phase == rollout.Phase && before.Step == rollout.Step)
            return;
        var note = after.Condition(ConditionTypes.Progressing)?.Message ?? "";
        if (isNew)
            events.Add(new(EventType.Normal, Reasons.RolloutStarted, "Rollout", $"{rollout.Hash} is what nodes are to have now"));
        switch (rollout.Phase)
        {
            case RolloutPhase.Halted or RolloutPhase.Reverting:
                events.Add(new(EventType.Warning, rollout.Phase.ToString(), "Rollout", note));
                break;
            case RolloutPhase.Done:
                events.Add(new(EventType.Normal, Reasons.RolloutDone, "Rollout", $"{rollout.Hash} is on all nodes that could take it up"));
                break;
            case RolloutPhase.Observing:
                break;
            default:
                events.Add(new(EventType.Normal, rollout.Phase.ToString(), "Rollout", note));
                break;
        }
    }
}
