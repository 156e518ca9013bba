namespace Damon.Api.Schemes;

/// <summary>Where pages go: a memory node or a tier, exactly one of them.</summary>
public sealed record DestinationSpec
{
    /// <summary>The number of the memory node, from 0 to 1023.</summary>
    public int? Node { get; init; }

    /// <summary>The tier.</summary>
    public MemoryTier? Tier { get; init; }

    /// <summary>Its part of the pages relative to the other destinations, from 1 to 1000; null counts as 1.</summary>
    public int? Weight { get; init; }
}
