using Damon.Api.Clusters;
using Damon.Api.Schemes;

namespace Damon.NodeAgent.Plans;

/// <summary>
/// The mode in force is the smallest of all that have a say: the cluster, the node, the scheme itself, its time and the contact to the API server. The reason is that of the first, in
/// this order, that lowers it.
/// </summary>
internal static class EffectiveMode
{
    /// <summary>Decides for one scheme.</summary>
    /// <param name="planned">The scheme; one that is left alone is Off with its own reason.</param>
    /// <param name="plan">The plan it stands in.</param>
    /// <param name="rules">The cluster's configuration.</param>
    /// <param name="now">The time of day.</param>
    /// <param name="silence">Time since the API server's last answer.</param>
    public static ModeDecision Of(PlannedScheme planned, NodePlan plan, ClusterRules rules, DateTimeOffset now, TimeSpan silence)
    {
        if (planned.Scheme?.Spec is not { } spec)
        {
            return new(ClusterMode.Off, false, planned.Reason);
        }

        var decision = new ModeDecision(spec.Mode == SchemeMode.Enforce ? ClusterMode.Enforce : ClusterMode.Observe, false, "");
        decision = Lower(decision, rules.Mode, rules.Reason);
        decision = Lower(decision, plan.Mode, plan.Mode == ClusterMode.Off ? PlanReasons.NodeOff : PlanReasons.NodeObserve);
        if (rules.Spec.AllowedActions is { } allowed && spec.Action.Type != ActionType.Stat && !allowed.Contains(spec.Action.Type))
        {
            decision = Lower(decision, ClusterMode.Observe, PlanReasons.ActionNotAllowed);
        }

        if (spec.Target.Kind == TargetKind.Node && spec.Action.Type != ActionType.Stat && !rules.Spec.NodeTargets)
        {
            decision = Lower(decision, ClusterMode.Observe, PlanReasons.NodeTargetsNotAllowed);
        }

        if (spec.ExpiresAfter is { } lifetime && now - planned.CreatedAt >= lifetime.ToTimeSpan())
        {
            decision = Lower(decision, ClusterMode.Observe, PlanReasons.Expired);
        }

        if (silence >= rules.Spec.Safety.ApiLossGrace.ToTimeSpan())
        {
            decision = Lower(decision, ClusterMode.Observe, PlanReasons.ApiServerLost);
        }

        // Off is stronger than a pause: it ends the looking as well.
        return spec.Paused && decision.Mode != ClusterMode.Off ? new(ClusterMode.Observe, true, PlanReasons.Paused) : decision;
    }

    private static ModeDecision Lower(ModeDecision decision, ClusterMode cap, string reason) => cap < decision.Mode ? new(cap, false, reason) : decision;
}
