namespace Damon.Operator.Rollouts;

/// <summary>What a rollout has to remember; who is admitted stands in the plans. Stored in <c>DamonScheme.status.rollout</c> before anything follows from it.</summary>
public sealed record RolloutState
{
    /// <summary>What is rolled out: the version and whether it acts. A pause is no part of it.</summary>
    public required string Hash { get; init; }

    /// <summary>Where it is.</summary>
    public required RolloutPhase Phase { get; init; }

    /// <summary>The step: 0 is the canary.</summary>
    public int Step { get; init; }

    /// <summary>Since when phase and step are so.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The version to go back to; null where that is to observe.</summary>
    public FormerVersion? Former { get; init; }

    /// <summary>The resume request that was heard last, or stood there when the rollout halted; empty where there was none.</summary>
    public string Resumed { get; init; } = "";

    /// <summary>How many nodes had a tripped rail when the rollout was resumed: they do not halt it again.</summary>
    public int ForgivenTrips { get; init; }
}
