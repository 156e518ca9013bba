namespace Damon.Kubernetes.Queues;

/// <summary>What a queue hands out.</summary>
/// <typeparam name="TKey">What the queue holds.</typeparam>
/// <param name="IsEnd">The queue is shut down: there will be no more, and the key means nothing.</param>
/// <param name="Key">To be worked on, and then to be told as done.</param>
public readonly record struct WorkItem<TKey>(bool IsEnd, TKey Key);
