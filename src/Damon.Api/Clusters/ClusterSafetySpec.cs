using Damon.Api.Units;

namespace Damon.Api.Clusters;

/// <summary>The thresholds of the safety rails. Here, and nowhere else, they may be loosened.</summary>
public sealed record ClusterSafetySpec
{
    /// <summary>Whether a rail that a node cannot measure is passed over instead of counting as tripped.</summary>
    public bool AcceptUnmeasurable { get; init; }

    /// <summary>Pods of a higher priority are never touched; from 0 to 2,000,001,000.</summary>
    public int MaxPodPriority { get; init; } = DamonClusterConfigDefaults.MaxPodPriority;

    /// <summary>How long a container is left alone after its start; zero is allowed.</summary>
    public DurationValue StartGrace { get; init; } = DamonClusterConfigDefaults.StartGrace;

    /// <summary>How long an agent without the API server goes on acting, above zero.</summary>
    public DurationValue ApiLossGrace { get; init; } = DamonClusterConfigDefaults.ApiLossGrace;

    /// <summary>Time for which tasks waited.</summary>
    public PressureSafetySpec Pressure { get; init; } = new();

    /// <summary>Memory that was taken and needed again.</summary>
    public RefaultSafetySpec Refaults { get; init; } = new();

    /// <summary>What a container always keeps in memory.</summary>
    public FloorSafetySpec Floors { get; init; } = new();

    /// <summary>When anonymous memory is left alone.</summary>
    public SwapSafetySpec Swap { get; init; } = new();

    /// <summary>When a pod or the node is stopped.</summary>
    public EmergencySafetySpec Emergency { get; init; } = new();
}
