using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>When a rollout halts: a share of the updated nodes, and at least two nodes.</summary>
public sealed record HaltOnSpec
{
    /// <summary>Share of the updated nodes that are degraded, above 0 %.</summary>
    public Percent Degraded { get; init; } = DamonSchemeDefaults.HaltOnDegraded;

    /// <summary>Share of the updated nodes on which a safety rail tripped, above 0 %.</summary>
    public Percent SafetyTrips { get; init; } = DamonSchemeDefaults.HaltOnSafetyTrips;
}
