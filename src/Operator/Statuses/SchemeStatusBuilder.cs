using System.Globalization;
using Damon.Api.Nodes;
using Damon.Operator.Rollouts;
using Damon.Operator.Schemes;

namespace Damon.Operator.Statuses;

/// <summary>Makes a scheme's status. docs/reference/conditions.md lists every condition and reason.</summary>
internal static class SchemeStatusBuilder
{
    /// <summary>Makes it.</summary>
    /// <param name="input">What it is made of.</param>
    /// <param name="now">The time of day.</param>
    public static SchemeStatus Make(StatusInput input, DateTimeOffset now) => new()
    {
        ObservedGeneration = input.Scheme.Generation,
        Hash = input.Hash,
        Nodes = input.Survey?.Counts ?? default,
        Effect = input.Effect,
        Rollout = input.Rollout,
        Failures = input.Survey?.Failures ?? [],
        FailuresTruncated = input.Survey?.FailuresTruncated ?? false,
        Conditions =
        [
            Condition(input, now, ConditionTypes.Accepted, Accepted(input)),
            Condition(input, now, ConditionTypes.Progressing, Progressing(input)),
            Condition(input, now, ConditionTypes.Ready, Ready(input)),
            Condition(input, now, ConditionTypes.Degraded, Degraded(input)),
            Condition(input, now, ConditionTypes.Conflicted, Conflicted(input)),
            Condition(input, now, ConditionTypes.SafetyTripped, SafetyTripped(input)),
            Condition(input, now, ConditionTypes.Paused, Paused(input)),
        ],
    };

    /// <summary>The status without what is only told every few seconds: figures, and texts that hold figures.</summary>
    public static SchemeStatus Essence(SchemeStatus status) => status with
    {
        Nodes = default,
        Effect = null,
        Failures = [],
        FailuresTruncated = false,
        Conditions = [.. status.Conditions.Select(condition => condition with { Message = null })],
    };

    private static ObjectCondition Condition(StatusInput input, DateTimeOffset now, string type, (bool Is, string Reason, string Message) found)
    {
        var status = found.Is ? "True" : "False";
        var before = input.Before.Condition(type);

        // The time is that of the status: a new reason alone does not move it.
        return new ObjectCondition
        {
            Type = type,
            Status = status,
            ObservedGeneration = input.Scheme.Generation,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : now,
            Reason = found.Reason,
            Message = found.Message,
        };
    }

    private static (bool Is, string Reason, string Message) Accepted(StatusInput input) =>
        input.Scheme.Refusal.Length > 0 ? (false, input.Scheme.Refusal, input.Scheme.RefusalMessage) : (true, Reasons.Valid, "");

    private static (bool Is, string Reason, string Message) Progressing(StatusInput input)
    {
        if (input.Scheme.DeletedAt is not null)
            return (true, Reasons.Deleting, Text($"{input.UndoPending} nodes have not undone it yet"));
        if (input.Survey is not { } survey || input.Rollout is not { } rollout)
            return (false, input.Scheme.Refusal, "");
        var pending = survey.Counts.Pending;
        if (input.Scheme.Spec!.Paused)
            return survey.Rollout.Awaited > 0 ? (true, Reasons.Updating, Text($"{survey.Rollout.Awaited} nodes have not taken it up yet")) : (false, Reasons.Paused, "");
        if (input.Held.Length > 0)
            return (false, input.Held, input.HeldMessage);
        return rollout.Phase switch
        {
            RolloutPhase.Halted => (false, Reasons.Halted, HaltMessage(survey)),
            RolloutPhase.Reverted => (false, Reasons.Reverted, HaltMessage(survey)),
            RolloutPhase.Reverting => (true, Reasons.Reverting, Text($"{survey.Rollout.Admitted} nodes have it still")),
            RolloutPhase.Observing when input.IsWaitingForCanary => (false, Reasons.WaitingForCanary, WaitingMessage(survey)),
            RolloutPhase.Observing when survey.Rollout.IsTooEarly => (true, Reasons.Observing, TooEarlyMessage(survey)),
            RolloutPhase.Observing => (true, Reasons.Observing, Text($"{survey.Rollout.Awaited} nodes have not taken it up yet")),
            RolloutPhase.Canary when input.IsWaitingForCanary => (false, Reasons.WaitingForCanary, WaitingMessage(survey)),
            RolloutPhase.Canary => (true, Reasons.Canary, Text($"{survey.Rollout.Admitted} of {survey.Rollout.Able} nodes are the first, {survey.Rollout.UnderWay} are taking it up")),
            RolloutPhase.Soaking => (true, Reasons.Soaking, Text($"{survey.Rollout.Admitted} nodes are watched for {input.Scheme.Spec.Rollout.Canary.Soak}")),
            RolloutPhase.Stepping => (true, Reasons.Stepping, Text($"step {rollout.Step} of {input.Scheme.Spec.Rollout.Steps.Count}: {survey.Rollout.Admitted} of {survey.Rollout.Able} nodes, {survey.Rollout.UnderWay} are taking it up")),
            _ when survey.Rollout.IsTooEarly => (true, Reasons.Updating, TooEarlyMessage(survey)),
            _ => pending > 0 ? (true, Reasons.Updating, Text($"{pending} nodes have not taken it up yet")) : (false, Reasons.UpToDate, ""),
        };
    }

    private static (bool Is, string Reason, string Message) Ready(StatusInput input)
    {
        if (input.Scheme.DeletedAt is not null)
            return (false, Reasons.Deleting, "");
        if (input.Survey is not { } survey || input.Rollout is not { } rollout)
            return (false, input.Scheme.Refusal, "");
        if (input.Scheme.Spec!.Paused)
            return (false, Reasons.Paused, "");
        if (input.IsExpired)
            return (false, Reasons.Expired, Text($"expiresAfter {input.Scheme.Spec.ExpiresAfter} is over since {input.Scheme.CreatedAt + input.Scheme.Spec.ExpiresAfter!.Value.ToTimeSpan():yyyy-MM-dd'T'HH:mm:ss'Z'}; it only observes"));
        if (rollout.Phase is RolloutPhase.Halted or RolloutPhase.Reverting or RolloutPhase.Reverted)
            return (false, rollout.Phase.ToString(), HaltMessage(survey));
        if (input.Held.Length > 0)
            return (false, input.Held, input.HeldMessage);
        var (matched, usable) = (survey.Counts.Matched, survey.Counts.Matched - survey.Counts.Unsupported - survey.Counts.Unreachable);
        if (matched == 0)
            return (true, Reasons.NoNodes, "no node is selected");
        var rest = survey.Counts is { Unsupported: 0, Unreachable: 0 } ? "" : Text($"; {survey.Counts.Unsupported} cannot do it, {survey.Counts.Unreachable} are not reachable");
        if (survey.Rollout.IsTooEarly)
            return (false, Reasons.Updating, TooEarlyMessage(survey));
        if (survey.Counts.Updated == usable)
            return (true, usable == 0 ? Reasons.NoUsableNodes : Reasons.AllUpdated, Text($"{survey.Counts.Updated} of {matched} nodes have it{rest}"));
        var (_, reason, message) = Progressing(input);
        return (false, reason == Reasons.UpToDate ? Reasons.Updating : reason, Text($"{survey.Counts.Updated} of {usable} nodes have it{rest}{(message.Length > 0 ? "; " : "")}{message}"));
    }

    private static (bool Is, string Reason, string Message) Degraded(StatusInput input) => input.Survey is { Counts.Degraded: > 0 } survey
        ? (true, Reasons.NodesDegraded, Text($"it cannot work as it should on {survey.Counts.Degraded} nodes, see failures"))
        : (false, Reasons.AsExpected, "");

    private static (bool Is, string Reason, string Message) Conflicted(StatusInput input) => input.Survey is { ConflictContainers: > 0 } survey
        ? (true, Reasons.Outranked, Text($"{survey.ConflictContainers} containers on {survey.ConflictNodes} nodes are left to schemes of a better rank{(survey.ConflictWinner.Length > 0 ? ", most of them to " : "")}{survey.ConflictWinner}"))
        : (false, Reasons.NoConflicts, "");

    private static (bool Is, string Reason, string Message) SafetyTripped(StatusInput input) => input.Survey is { RailsHold: > 0 } survey
        ? (true, Reasons.RailsHold, Text($"safety rails hold it back on {survey.RailsHold} nodes"))
        : (false, Reasons.NoRailHolds, "");

    private static (bool Is, string Reason, string Message) Paused(StatusInput input) =>
        input.Scheme.Spec is { Paused: true } ? (true, Reasons.Paused, "spec.paused is true") : (false, Reasons.NotPaused, "");

    private static string HaltMessage(SchemeSurvey survey) => Text(
        $"of {survey.Rollout.Admitted} nodes that act under it {survey.Rollout.Degraded} are degraded or lost, and on {survey.Rollout.Tripped} a safety rail tripped; annotate it with {SchemeObject.ResumeAnnotation}=\"$(date +%s)\" to go on");

    private static string TooEarlyMessage(SchemeSurvey survey) => Text($"none of {survey.Counts.Matched} nodes has answered yet");

    private static string WaitingMessage(SchemeSurvey survey) => survey.Rollout.Candidates == 0
        ? Text($"no node is able to be the first: {survey.Counts.Degraded} are degraded, {survey.Counts.Unsupported} cannot do it, {survey.Counts.Unreachable} are not reachable")
        : "no node has targets for it, so that nothing could be learned; it goes on when one has";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
