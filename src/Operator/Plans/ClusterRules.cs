using Damon.Api.Clusters;
using Damon.Api.Manifests;
using Damon.Api.Schemes;
using Damon.Operator.Statuses;

namespace Damon.Operator.Plans;

/// <summary>The cluster's configuration as the operator goes by it. Agents read it themselves; the operator needs it for the mode in plans, and to know that a rollout would be one in name only.</summary>
/// <param name="Mode">How far any scheme may go.</param>
/// <param name="Reason">Why no further; empty where the mode is Enforce.</param>
/// <param name="Spec">Everything else: as read, or the defaults.</param>
public sealed record ClusterRules(ClusterMode Mode, string Reason, DamonClusterConfigSpec Spec)
{
    /// <summary>There is no configuration: nothing acts.</summary>
    public static ClusterRules Absent { get; } = new(ClusterMode.Observe, Reasons.ClusterConfigAbsent, new());

    /// <summary>Reads the object; serves as the decoder of an informer. What cannot be read may forbid what would be done, so nothing acts then; and where its mode is Off that holds, whatever the rest is.</summary>
    /// <param name="utf8">The object.</param>
    public static ClusterRules Read(ReadOnlySpan<byte> utf8)
    {
        var read = DamonClusterConfigReader.Read("damonclusterconfig.json", utf8);
        if (read.Config is { Spec: var spec })
            return new(spec.Mode, ReasonOf(spec.Mode), spec);
        if (read.Mode == ClusterMode.Off)
            return new(ClusterMode.Off, Reasons.ClusterOff, new());
        var isUnknown = read.Errors.Any(error => error.Kind != ManifestErrorKind.Invalid);
        return new(ClusterMode.Observe, isUnknown ? Reasons.OperatorTooOld : Reasons.ClusterConfigUnreadable, new());
    }

    /// <summary>Why a scheme that wants to act may not; null where it may.</summary>
    /// <param name="scheme">The scheme.</param>
    public string? WhyNotActing(DamonSchemeSpec scheme) =>
        Mode < ClusterMode.Enforce ? Reason
        : scheme.Action.Type == ActionType.Stat ? null
        : Spec.AllowedActions is { } allowed && !allowed.Contains(scheme.Action.Type) ? Reasons.ActionNotAllowed
        : scheme.Target.Kind == TargetKind.Node && !Spec.NodeTargets ? Reasons.NodeTargetsNotAllowed
        : null;

    private static string ReasonOf(ClusterMode mode) => mode switch
    {
        ClusterMode.Off => Reasons.ClusterOff,
        ClusterMode.Observe => Reasons.ClusterObserve,
        _ => "",
    };
}
