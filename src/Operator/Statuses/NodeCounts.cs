namespace Damon.Operator.Statuses;

/// <summary>How many nodes of a scheme are in which state. Each node is in exactly one, so they add up to <see cref="Matched"/>.</summary>
public readonly record struct NodeCounts
{
    /// <summary>Nodes that the scheme is for: the sum of all states.</summary>
    public int Matched => Pending + Paused + Observing + Active + Backoff + Stopped + Degraded + Unsupported + Unreachable;

    /// <summary>Nodes that have the scheme as it stands now.</summary>
    public int Updated { get; init; }

    /// <summary>Not taken up yet, or waiting for its turn.</summary>
    public int Pending { get; init; }

    /// <summary>Suspended.</summary>
    public int Paused { get; init; }

    /// <summary>Counting.</summary>
    public int Observing { get; init; }

    /// <summary>Acting.</summary>
    public int Active { get; init; }

    /// <summary>Held back by a rail.</summary>
    public int Backoff { get; init; }

    /// <summary>Stopped by a rail or by the mode.</summary>
    public int Stopped { get; init; }

    /// <summary>Cannot work as it should.</summary>
    public int Degraded { get; init; }

    /// <summary>Cannot work there.</summary>
    public int Unsupported { get; init; }

    /// <summary>Nobody answers there.</summary>
    public int Unreachable { get; init; }
}
