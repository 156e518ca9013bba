using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>How a change of the scheme reaches the nodes.</summary>
public sealed record RolloutSpec
{
    /// <summary>The first nodes.</summary>
    public CanarySpec Canary { get; init; } = new();

    /// <summary>Shares of the nodes after the canary, ascending, the last one 100 %; 1 to 16.</summary>
    public IReadOnlyList<Percent> Steps { get; init; } = DamonSchemeDefaults.RolloutSteps;

    /// <summary>Share of the nodes that change at once, above 0 %; at least one node.</summary>
    public Percent MaxConcurrentNodes { get; init; } = DamonSchemeDefaults.MaxConcurrentNodes;

    /// <summary>When the rollout halts.</summary>
    public HaltOnSpec HaltOn { get; init; } = new();

    /// <summary>What happens then.</summary>
    public HaltAction OnHalt { get; init; } = DamonSchemeDefaults.OnHalt;
}
