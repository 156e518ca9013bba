namespace Damon.Kubernetes.Events;

/// <summary>How often the same event has happened, and when last.</summary>
internal sealed record EventSeriesState(int Count, DateTimeOffset LastObserved);
