namespace Damon.Kubernetes.Queues;

/// <summary>How long a queue waits before a key is tried again.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>After a first failure.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After many. A key is never given up.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Retries a second over all keys, in the long run.</summary>
    public double RetriesPerSecond { get; init; } = 10;

    /// <summary>Retries that may come at once.</summary>
    public int RetryBurst { get; init; } = 100;
}
