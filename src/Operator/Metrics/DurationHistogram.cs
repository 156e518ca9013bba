namespace Damon.Operator.Metrics;

/// <summary>How long something took, in buckets. For any thread.</summary>
internal sealed class DurationHistogram
{
    /// <summary>The upper ends of the buckets; what takes longer is in the last one, which has none.</summary>
    public static readonly double[] BoundsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[BoundsSeconds.Length + 1];
    private double _sum;

    /// <summary>Adds one.</summary>
    public void Add(TimeSpan took)
    {
        var seconds = took.TotalSeconds;
        var bucket = Array.FindIndex(BoundsSeconds, bound => seconds <= bound);
        lock (_lock)
        {
            _counts[bucket < 0 ? BoundsSeconds.Length : bucket]++;
            _sum += seconds;
        }
    }

    /// <summary>How it stands: the buckets' own counts, and the sum of all times in seconds.</summary>
    public DurationCounts Read()
    {
        lock (_lock)
            return new DurationCounts([.. _counts], _sum);
    }
}
