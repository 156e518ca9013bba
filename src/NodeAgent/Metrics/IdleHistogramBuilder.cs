namespace Damon.NodeAgent.Metrics;

/// <summary>Sums regions up into an <see cref="IdleHistogram"/>, without a copy of them.</summary>
internal sealed class IdleHistogramBuilder
{
    private readonly ulong[] _idleBytes = new ulong[IdleHistogram.Buckets.Length];
    private ulong _accessedBytes;

    /// <summary>Adds a region.</summary>
    /// <param name="sizeBytes">Its size.</param>
    /// <param name="isAccessed">Whether the latest aggregation saw an access.</param>
    /// <param name="age">For how long its rate has been about the same; not negative.</param>
    public void Add(ulong sizeBytes, bool isAccessed, TimeSpan age)
    {
        if (isAccessed)
        {
            _accessedBytes += sizeBytes;
            return;
        }

        var bucket = IdleHistogram.Buckets.Length - 1;
        while (bucket > 0 && age < IdleHistogram.Buckets[bucket])
        {
            bucket--;
        }

        _idleBytes[bucket] += sizeBytes;
    }

    /// <summary>What was added so far.</summary>
    public IdleHistogram Build() => new(_accessedBytes, [.. _idleBytes]);
}
