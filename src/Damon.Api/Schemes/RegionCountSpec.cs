namespace Damon.Api.Schemes;

/// <summary>How many regions a pod's memory is divided into.</summary>
public sealed record RegionCountSpec
{
    /// <summary>The fewest, at least 3.</summary>
    public int Min { get; init; } = DamonSchemeDefaults.MinRegions;

    /// <summary>The most, at least the fewest and at most 100,000.</summary>
    public int Max { get; init; } = DamonSchemeDefaults.MaxRegions;
}
