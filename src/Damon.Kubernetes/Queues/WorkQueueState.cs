namespace Damon.Kubernetes.Queues;

/// <summary>How full a queue is, at one moment.</summary>
/// <param name="Ready">Keys that could be worked on now.</param>
/// <param name="Processing">Keys that are worked on.</param>
/// <param name="Delayed">Keys that wait for their time.</param>
/// <param name="Failing">Keys that have failed and not been forgotten.</param>
public readonly record struct WorkQueueState(int Ready, int Processing, int Delayed, int Failing);
