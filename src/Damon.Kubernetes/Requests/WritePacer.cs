using Damon.Kubernetes.Timing;

namespace Damon.Kubernetes.Requests;

/// <summary>
/// Lets writes through: so many a second, and none while the server wants to be left alone or is out of reach. For all workers of a process together: where a thousand keys are to be written, an outage
/// costs as many requests a pause as there are workers, not a thousand, and when it is over all go on at once. For any thread.
/// </summary>
public sealed class WritePacer
{
    /// <summary>
    /// So many writes must fail with none taken in between for it to be an outage. One that fails among others that are taken says something of that one: behind a proxy that loses a few in a hundred, a pause for each kept
    /// all writes waiting for half of the time.
    /// </summary>
    private const int FailuresOfAnOutage = 2;

    /// <summary>The longest that a server's wish to be left alone is followed at once.</summary>
    private static readonly TimeSpan LongestWish = TimeSpan.FromMinutes(5);

    private readonly WritePacerOptions _options;
    private readonly TimeProvider _time;
    private readonly Chance _chance;

    // Guards everything below.
    private readonly Lock _lock = new();
    private readonly TokenBucket _bucket;
    private long _pausedUntil;
    private int _pauses;
    private int _failures;

    // Failures of requests that were sent before a pause began say nothing new.
    private long _epoch;

    /// <summary>Makes a pacer.</summary>
    /// <param name="options">How fast.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of the chance in pauses.</param>
    public WritePacer(WritePacerOptions options, TimeProvider time, ulong seed)
    {
        if (options.PerSecond <= 0 || options.Burst < 1)
            throw new ArgumentException("Some writes must be allowed.", nameof(options));
        if (options.MinPause <= TimeSpan.Zero || options.MaxPause < options.MinPause)
            throw new ArgumentException("Pauses grow from more than nothing.", nameof(options));
        _options = options;
        _time = time;
        _chance = new Chance(seed);
        _bucket = new TokenBucket(options.PerSecond, options.Burst, time);
        _pausedUntil = time.GetTimestamp();
    }

    /// <summary>Whether nothing is let through now.</summary>
    public bool IsPaused
    {
        get
        {
            lock (_lock)
                return LeftLocked() > TimeSpan.Zero;
        }
    }

    /// <summary>Waits until a write may be sent.</summary>
    /// <returns>To be given back with what came of it.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<long> WaitAsync(CancellationToken cancellation)
    {
        TimeSpan wait;
        lock (_lock)
            wait = _bucket.Reserve();
        while (true)
        {
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, _time, cancellation);
            cancellation.ThrowIfCancellationRequested();
            lock (_lock)
            {
                wait = LeftLocked();
                if (wait <= TimeSpan.Zero)
                    return _epoch;
            }
        }
    }

    /// <summary>Tells what came of a write.</summary>
    /// <param name="ticket">From <see cref="WaitAsync"/>.</param>
    /// <param name="failure">Null where it succeeded.</param>
    public void Tell(long ticket, ApiFailure? failure)
    {
        lock (_lock)
        {
            if (failure is not { Kind: ApiFailureKind.Unreachable or ApiFailureKind.ServerError or ApiFailureKind.Throttled })
            {
                // The server has answered for this object, whatever it said.
                (_pauses, _failures) = (0, 0);
                return;
            }

            var wish = failure.RetryAfter is { } asked ? (asked < LongestWish ? asked : LongestWish) : TimeSpan.Zero;
            if (ticket == _epoch)
            {
                if (_pauses == 0 && wish == TimeSpan.Zero && ++_failures < FailuresOfAnOutage)
                    return;
                _failures = 0;
                _epoch++;
                var own = Backoff.After(_pauses++, _options.MinPause, _options.MaxPause, _chance);
                wish = wish > own ? wish : own;
            }

            var until = _time.GetTimestamp() + (long)Math.Ceiling(wish.TotalSeconds * _time.TimestampFrequency);
            _pausedUntil = Math.Max(_pausedUntil, until);
        }
    }

    private TimeSpan LeftLocked()
    {
        var left = (_pausedUntil - _time.GetTimestamp()) / (double)_time.TimestampFrequency;
        // Rounded up: a wait that ends before its time would be begun again for nothing.
        return left <= 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(left * 1000));
    }
}
