using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>Which memory matches: each range is closed, a missing bound is open, a missing range matches everything.</summary>
public sealed record PatternSpec
{
    /// <summary>Size of the region.</summary>
    public Bound<Quantity>? Size { get; init; }

    /// <summary>Share of the looks that saw an access.</summary>
    public Bound<Percent>? AccessRate { get; init; }

    /// <summary>How long the region's size and access rate have held; zero is allowed.</summary>
    public Bound<DurationValue>? Age { get; init; }
}
