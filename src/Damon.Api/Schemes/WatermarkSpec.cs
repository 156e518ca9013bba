using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>When the action rests, by how much memory is left; sensing never rests.</summary>
public sealed record WatermarkSpec
{
    /// <summary>What is looked at.</summary>
    public required WatermarkMetric Metric { get; init; }

    /// <summary>How often, above zero; given unless the metric is None.</summary>
    public DurationValue? Interval { get; init; }

    /// <summary>Above this the action rests; given unless the metric is None.</summary>
    public Percent? High { get; init; }

    /// <summary>Below this a resting action starts again, at most high; given unless the metric is None.</summary>
    public Percent? Mid { get; init; }

    /// <summary>Below this the action rests, at most mid; given unless the metric is None.</summary>
    public Percent? Low { get; init; }
}
