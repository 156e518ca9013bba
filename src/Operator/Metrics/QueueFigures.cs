using Damon.Kubernetes.Queues;

namespace Damon.Operator.Metrics;

/// <summary>A controller's queue at one moment.</summary>
/// <param name="Controller">Whose.</param>
/// <param name="State">How full it is.</param>
internal sealed record QueueFigures(string Controller, WorkQueueState State);
