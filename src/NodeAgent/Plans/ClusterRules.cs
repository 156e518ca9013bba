using Damon.Api.Clusters;

namespace Damon.NodeAgent.Plans;

/// <summary>The cluster's configuration as it is in force on this node.</summary>
/// <param name="Mode">How far any scheme may go.</param>
/// <param name="Reason">Why no further; empty where the mode is Enforce.</param>
/// <param name="Spec">Everything else: the last that could be read, or the defaults.</param>
internal sealed record ClusterRules(ClusterMode Mode, string Reason, DamonClusterConfigSpec Spec)
{
    /// <summary>Nothing has been heard yet: nothing is acted on.</summary>
    public static ClusterRules NotYetKnown { get; } = new(ClusterMode.Observe, PlanReasons.ClusterConfigUnknown, new());

    /// <summary>There is no configuration: nothing is acted on.</summary>
    public static ClusterRules Absent { get; } = new(ClusterMode.Observe, PlanReasons.ClusterConfigAbsent, new());

    /// <summary>A configuration that was read.</summary>
    /// <param name="spec">What it says.</param>
    public static ClusterRules From(DamonClusterConfigSpec spec) => new(
        spec.Mode,
        spec.Mode switch { ClusterMode.Off => PlanReasons.ClusterOff, ClusterMode.Observe => PlanReasons.ClusterObserve, _ => "" },
        spec);

    /// <summary>
    /// A configuration that could not be read whole. Something in it may forbid what would be done, so nothing is acted on; and where its mode is Off that holds, whatever the rest is.
    /// </summary>
    /// <param name="mode">Its mode as far as it is known.</param>
    /// <param name="isUnknown">Whether something is only not known here.</param>
    /// <param name="last">The last that could be read.</param>
    public static ClusterRules Unreadable(ClusterMode? mode, bool isUnknown, DamonClusterConfigSpec last) => mode == ClusterMode.Off
        ? new(ClusterMode.Off, PlanReasons.ClusterOff, last)
        : new(ClusterMode.Observe, isUnknown ? PlanReasons.AgentTooOld : PlanReasons.ClusterConfigUnreadable, last);
}
