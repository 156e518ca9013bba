namespace Damon.Workload.Runs;

/// <summary>The time of a run, and waiting in it. One thread waits; a cancellation wakes it. Waiting allocates nothing.</summary>
internal sealed class RunClock : IDisposable
{
    private readonly TimeProvider _time;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _interruption;
    private readonly CancellationToken _cancellation;
    private long _start;

    public RunClock(TimeProvider time, CancellationToken cancellation)
    {
        _time = time;
        _cancellation = cancellation;
        _timer = time.CreateTimer(static wake => ((AutoResetEvent)wake!).Set(), _wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _interruption = cancellation.UnsafeRegister(static wake => ((AutoResetEvent)wake!).Set(), _wake);
        _start = time.GetTimestamp();
    }

    /// <summary>Makes this moment the run's zero.</summary>
    public void Start() => _start = _time.GetTimestamp();

    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>The time provider's clock in nanoseconds; the system's is CLOCK_MONOTONIC, which all processes of a machine share.</summary>
    public long MonotonicNanosecondsAt(TimeSpan elapsed) =>
        (long)((Int128)_start * 1_000_000_000 / _time.TimestampFrequency) + (elapsed.Ticks * TimeSpan.NanosecondsPerTick);

    /// <summary>Waits, at least a millisecond; returns early when cancelled, and may return early otherwise: look at the clock again.</summary>
    public void Wait(TimeSpan delay)
    {
        if (_cancellation.IsCancellationRequested)
            return;

        // System timers drop fractions of a millisecond: rounded down, a short wait would become a busy loop.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(delay.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
        // A signal left over from an earlier wait ends this one early; the caller looks at the clock again, so that costs a turn of its loop.
        _wake.WaitOne();
    }

    public void Dispose()
    {
        _interruption.Dispose();
        _timer.Dispose();
        _wake.Dispose();
    }
}
