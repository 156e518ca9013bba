namespace Damon.Kubernetes.Events;

/// <summary>What became of the events so far.</summary>
/// <param name="Recorded">All that were handed in.</param>
/// <param name="Written">Requests that the server took.</param>
/// <param name="Aggregated">Those that only raised the count of an earlier one.</param>
/// <param name="Dropped">Those that were too many, or could not be written.</param>
public readonly record struct EventCounts(long Recorded, long Written, long Aggregated, long Dropped);
