namespace Damon.Operator.Model;

/// <summary>Times and bounds of the model.</summary>
public sealed record ClusterModelOptions
{
    /// <summary>How long a plan may go without its echo, or a node or agent without being ready, until it counts as lost.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a rollout waits for all nodes to observe before it goes on with those that do.</summary>
    public TimeSpan ObserveWithin { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The shortest time between two changes of the sums of effects in a status.</summary>
    public TimeSpan EffectEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The shortest time between two writes of a status in which only counts differ.</summary>
    public TimeSpan CountsEvery { get; init; } = TimeSpan.FromSeconds(10);
}
