namespace Damon.Api.Schemes;

/// <summary>A value that the quota is steered to.</summary>
public sealed record GoalSpec
{
    /// <summary>What is measured.</summary>
    public required GoalMetric Metric { get; init; }

    /// <summary>The value wanted.</summary>
    public required GoalTarget Target { get; init; }

    /// <summary>The memory node, from 0 to 1023; given exactly for the metrics of a node.</summary>
    public int? Node { get; init; }
}
