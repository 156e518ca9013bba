namespace Damon.Workload.Runs;

/// <summary>
/// Holds accesses to a rate. It compares what was made with what the rate allows since it started, so that a wait that took longer than asked for is
/// made up by the next batches; what is missed by more than <see cref="LongestCatchUp"/> (the process was stopped, a page came back from swap) is dropped,
/// or a burst far above the rate would follow.
/// </summary>
internal sealed class RatePacer
{
    /// <summary>Accesses between two looks at the clock: a look costs as much as a few accesses, and 256 page faults are still short against a phase.</summary>
    public const int LargestBatch = 256;

    public static readonly TimeSpan LongestCatchUp = TimeSpan.FromMilliseconds(100);

    private readonly double? _accessesPerSecond;
    private TimeSpan _origin;
    private double _made;

    /// <param name="accessesPerSecond">Above 0; nothing for no limit.</param>
    public RatePacer(double? accessesPerSecond)
    {
        if (accessesPerSecond is { } rate && !(rate > 0))
            throw new ArgumentOutOfRangeException(nameof(accessesPerSecond), rate, "A rate is above 0.");

        _accessesPerSecond = accessesPerSecond;
        // A batch of at most a millisecond's accesses keeps a low rate even instead of lumpy.
        BatchAccesses = accessesPerSecond is { } limit ? (int)Math.Clamp(limit / 1000, 1, LargestBatch) : LargestBatch;
    }

    public int BatchAccesses { get; }

    /// <summary>Nothing made is held against what follows.</summary>
    public void Restart(TimeSpan now)
    {
        _origin = now;
        _made = 0;
    }

    public void Made(int accesses) => _made += accesses;

    /// <summary>How long the next batch has to wait; zero where it may go ahead.</summary>
    public TimeSpan DelayAt(TimeSpan now)
    {
        if (_accessesPerSecond is not { } rate)
            return TimeSpan.Zero;

        var ahead = (_made / rate) - (now - _origin).TotalSeconds;
        if (ahead > 0)
            return TimeSpan.FromSeconds(ahead);

        var dropped = -ahead - LongestCatchUp.TotalSeconds;
        if (dropped > 0)
            _origin += TimeSpan.FromSeconds(dropped);
        return TimeSpan.Zero;
    }
}
