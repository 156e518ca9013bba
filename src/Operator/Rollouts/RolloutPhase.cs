namespace Damon.Operator.Rollouts;

/// <summary>Where a rollout is. The names are part of the interface: they stand in <c>DamonScheme.status.rollout.phase</c>.</summary>
public enum RolloutPhase
{
    /// <summary>Nodes that do not act observe the version.</summary>
    Observing,

    /// <summary>The first nodes are taking it up.</summary>
    Canary,

    /// <summary>The first nodes are watched.</summary>
    Soaking,

    /// <summary>The others follow.</summary>
    Stepping,

    /// <summary>All have it that can.</summary>
    Done,

    /// <summary>Too many nodes were unhealthy; it stays where it is.</summary>
    Halted,

    /// <summary>Too many nodes were unhealthy; the admitted ones get back what they had.</summary>
    Reverting,

    /// <summary>They have it back.</summary>
    Reverted,
}
