using Damon.Api.Clusters;

namespace Damon.Operator.Plans;

/// <summary>The cluster's configuration as the operator goes by it.</summary>
/// <param name="Mode">How far any scheme may go.</param>
/// <param name="Reason">Why no further; empty where the mode is Enforce.</param>
/// <param name="Spec">Everything else: as read, or the defaults.</param>
public sealed record ClusterRules(ClusterMode Mode, string Reason, DamonClusterConfigSpec Spec)
{
    /// <summary>There is no configuration.</summary>
    public static ClusterRules Absent { get; } = new(ClusterMode.Observe, "ClusterConfigAbsent", new());

    /// <summary>Reads the object; serves as the decoder of an informer.</summary>
    /// <param name="utf8">The object.</param>
    public static ClusterRules Read(ReadOnlySpan<byte> utf8) => throw new NotImplementedException();
}
