using Damon.Api.Schemes;
using Damon.Api.Units;

namespace Damon.Operator.Rollouts;

/// <summary>
/// Decides how far a rollout is. A function of what is stored, what nodes are seen to have and the time: nothing is remembered between two calls, so that it does not matter who calls, how often, or what was lost between.
/// docs/operator.md has the table.
/// </summary>
public static class RolloutPolicy
{
    // A share of few nodes is no share; but of the only node there is, all is known.
    private const int LeastToHalt = 2;

    /// <summary>Begins a rollout where another version, or nothing, is stored; and otherwise goes on with what is.</summary>
    /// <param name="stored">What is stored; null where nothing is.</param>
    /// <param name="target">What is to be rolled out.</param>
    /// <param name="now">The time of day.</param>
    public static RolloutState Begin(RolloutState? stored, RolloutTarget target, DateTimeOffset now) => stored is not null && stored.Hash == target.Hash ? stored : new RolloutState
    {
        Hash = target.Hash,
        Phase = RolloutPhase.Observing,
        Since = now,
        Former = target.Acts ? target.Former : null,
        Resumed = target.ResumeRequest,
    };

    /// <summary>Decides.</summary>
    /// <param name="state">From <see cref="Begin"/>.</param>
    /// <param name="target">What is to be rolled out.</param>
    /// <param name="survey">How nodes stand towards it, under that state.</param>
    /// <param name="now">The time of day.</param>
    /// <param name="observeWithin">How long to wait for all nodes to observe.</param>
    public static RolloutDecision Decide(RolloutState state, RolloutTarget target, RolloutSurvey survey, DateTimeOffset now, TimeSpan observeWithin)
    {
        if (!target.Acts)
        {
            return state.Phase != RolloutPhase.Done && survey.Awaited == 0 && !survey.IsTooEarly ? new(To(state, RolloutPhase.Done, 0, now)) : new(state);
        }

        var resumed = Resume(state, target, survey, now);
        var isResumed = !ReferenceEquals(resumed, state);
        state = resumed;
        if (target.IsHeld)
        {
            // What was seen while nothing acted says nothing about acting: the watching begins anew.
            return new(state.Phase == RolloutPhase.Soaking ? To(state, RolloutPhase.Canary, 0, now) : state, IsResumed: isResumed);
        }

        // Each turn of the loop goes one phase or step further, and there are as many as the steps and a few phases.
        while (true)
        {
            var next = Next(state, target, survey, now, observeWithin);
            if (ReferenceEquals(next, state))
                break;
            state = next;
        }

        return WithGrants(state, target, survey, now, observeWithin) with { IsResumed = isResumed };
    }

    /// <summary>How many of the admitted nodes make a share that halts.</summary>
    internal static int HaltingCount(Percent share, int admitted) => Math.Min(admitted, Math.Max(LeastToHalt, Ceiling(share, admitted)));

    /// <summary>How many nodes may be under way at once.</summary>
    internal static int MostUnderWay(Percent share, int able) => Math.Max(1, (int)((long)able * share.Millionths / 1_000_000));

    /// <summary>A share of nodes, rounded up.</summary>
    internal static int Ceiling(Percent share, int nodes) => (int)((((long)nodes * share.Millionths) + 999_999) / 1_000_000);

    private static RolloutState Resume(RolloutState state, RolloutTarget target, RolloutSurvey survey, DateTimeOffset now)
    {
        if (target.ResumeRequest.Length == 0 || target.ResumeRequest == state.Resumed)
            return state;
        return state.Phase switch
        {
            RolloutPhase.Halted => To(state, state.Step == 0 ? RolloutPhase.Canary : RolloutPhase.Stepping, state.Step, now) with { Resumed = target.ResumeRequest, ForgivenTrips = survey.Tripped },
            RolloutPhase.Reverting or RolloutPhase.Reverted => To(state, RolloutPhase.Observing, 0, now) with { Resumed = target.ResumeRequest, ForgivenTrips = 0 },
            _ => state,
        };
    }

    private static RolloutState Next(RolloutState state, RolloutTarget target, RolloutSurvey survey, DateTimeOffset now, TimeSpan observeWithin)
    {
        var spec = target.Spec;
        switch (state.Phase)
        {
            case RolloutPhase.Observing:
                return (survey.Awaited == 0 || now - state.Since >= observeWithin) && (survey.CanaryCandidates > 0 || survey.Given > 0)
                    ? To(state, RolloutPhase.Canary, 0, now) with { ForgivenTrips = survey.Tripped } // Who is admitted by now was so before this rollout; what tripped there since is no sign about it.
                    : state;
            case RolloutPhase.Canary when IsToHalt(state, spec, survey):
            case RolloutPhase.Soaking when IsToHalt(state, spec, survey):
            case RolloutPhase.Stepping when IsToHalt(state, spec, survey):
                // A request that stands there already was made for something else.
                return To(state, spec.OnHalt == HaltAction.Revert ? RolloutPhase.Reverting : RolloutPhase.Halted, state.Step, now) with { Resumed = target.ResumeRequest };
            case RolloutPhase.Canary:
                return survey.Admitted > 0 && survey.UnderWay == 0 && !IsUncertain(spec, survey) && (survey.CanaryCandidates == 0 || survey.Given >= CanaryGoal(spec, survey))
                    ? To(state, RolloutPhase.Soaking, 0, now)
                    : state;
            case RolloutPhase.Soaking:
                return survey.Admitted == 0 || survey.UnderWay > 0 || IsUncertain(spec, survey) ? To(state, RolloutPhase.Canary, 0, now)
                    : now - state.Since >= spec.Canary.Soak.ToTimeSpan() ? To(state, RolloutPhase.Stepping, 1, now)
                    : state;
            case RolloutPhase.Stepping:
                var isReached = survey.UnderWay == 0 && !IsUncertain(spec, survey) && (survey.Candidates == 0 || survey.Given >= StepGoal(state, spec, survey));
                return !isReached ? state
                    : state.Step < spec.Steps.Count ? To(state, RolloutPhase.Stepping, state.Step + 1, now)
                    : To(state, RolloutPhase.Done, state.Step, now);
            case RolloutPhase.Reverting:
                return survey.Admitted == 0 && survey.Awaited == 0 ? To(state, RolloutPhase.Reverted, state.Step, now) : state;
            default:
                return state;
        }
    }

    private static RolloutDecision WithGrants(RolloutState state, RolloutTarget target, RolloutSurvey survey, DateTimeOffset now, TimeSpan observeWithin)
    {
        var spec = target.Spec;
        var free = Math.Max(0, MostUnderWay(spec.MaxConcurrentNodes, survey.Able) - survey.UnderWay);
        if (IsUncertain(spec, survey))
            free = 0;
        switch (state.Phase)
        {
            case RolloutPhase.Observing:
                var isOver = survey.Awaited == 0 || now - state.Since >= observeWithin;
                return new(state, IsWaitingForCanary: isOver, LookAgainAt: isOver ? null : state.Since + observeWithin);
            case RolloutPhase.Canary:
                return new(
                    state,
                    Math.Min(free, Math.Min(survey.CanaryCandidates, Math.Max(0, CanaryGoal(spec, survey) - survey.Given))),
                    ToCanaries: true,
                    IsWaitingForCanary: survey is { Given: 0, CanaryCandidates: 0 });
            case RolloutPhase.Soaking:
                return new(state, LookAgainAt: state.Since + spec.Canary.Soak.ToTimeSpan());
            case RolloutPhase.Stepping:
                return new(state, Math.Min(free, Math.Min(survey.Candidates, Math.Max(0, StepGoal(state, spec, survey) - survey.Given))));
            case RolloutPhase.Done:
                return new(state, Math.Min(free, survey.Candidates));
            default:
                return new(state);
        }
    }

    private static int CanaryGoal(RolloutSpec spec, RolloutSurvey survey) => Math.Max(1, Ceiling(spec.Canary.Percent, survey.Able));

    // Steps may have been taken away meanwhile: behind the last one is the last one.
    private static int StepGoal(RolloutState state, RolloutSpec spec, RolloutSurvey survey) => Ceiling(spec.Steps[Math.Clamp(state.Step, 1, spec.Steps.Count) - 1], survey.Able);

    private static bool IsToHalt(RolloutState state, RolloutSpec spec, RolloutSurvey survey) =>
        survey.Admitted > 0
        && (survey.Degraded >= HaltingCount(spec.HaltOn.Degraded, survey.Admitted) || survey.Tripped - state.ForgivenTrips >= HaltingCount(spec.HaltOn.SafetyTrips, survey.Admitted));

    /// <summary>Whether it would halt if those out of reach were ill.</summary>
    private static bool IsUncertain(RolloutSpec spec, RolloutSurvey survey) =>
        survey.Admitted > 0 && survey.Degraded + survey.Uncertain >= HaltingCount(spec.HaltOn.Degraded, survey.Admitted);

    private static RolloutState To(RolloutState state, RolloutPhase phase, int step, DateTimeOffset now) => state with { Phase = phase, Step = step, Since = now };
}
