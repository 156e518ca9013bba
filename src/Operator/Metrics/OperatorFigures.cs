using Damon.Kubernetes.Events;
using Damon.Operator.Model;

namespace Damon.Operator.Metrics;

/// <summary>Everything that the operator tells about itself, of one moment.</summary>
internal sealed record OperatorFigures
{
    /// <summary>The operator's version.</summary>
    public required string Version { get; init; }

    /// <summary>When the process started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Whether it leads.</summary>
    public required bool IsLeader { get; init; }

    /// <summary>How often it has become the leader.</summary>
    public required long Terms { get; init; }

    /// <summary>CPU time of the process.</summary>
    public TimeSpan CpuTime { get; init; }

    /// <summary>Resident set of the process.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>What controllers have done so far.</summary>
    public IReadOnlyList<ControllerMeter> Controllers { get; init; } = [];

    /// <summary>Writes so far.</summary>
    public IReadOnlyList<WriteCount> Writes { get; init; } = [];

    /// <summary>Events so far.</summary>
    public EventCounts Events { get; init; }

    /// <summary>Whether writes are held back, because the server asked for it or is out of reach.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The queues; none where it does not lead.</summary>
    public IReadOnlyList<QueueFigures> Queues { get; init; } = [];

    /// <summary>The informers; none where it does not lead.</summary>
    public IReadOnlyList<InformerFigures> Informers { get; init; } = [];

    /// <summary>Nodes and schemes; null where it does not lead.</summary>
    public ClusterFigures? Cluster { get; init; }
}
