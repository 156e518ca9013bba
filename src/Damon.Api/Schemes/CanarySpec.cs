using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>The first nodes of a rollout.</summary>
public sealed record CanarySpec
{
    /// <summary>Share of the nodes, above 0 %; at least one node.</summary>
    public Percent Percent { get; init; } = DamonSchemeDefaults.CanaryPercent;

    /// <summary>How long they are watched before the others follow; zero is allowed.</summary>
    public DurationValue Soak { get; init; } = DamonSchemeDefaults.CanarySoak;
}
