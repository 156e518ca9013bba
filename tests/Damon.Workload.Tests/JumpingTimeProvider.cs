namespace Damon.Workload.Tests;

/// <summary>A clock that no one waits for: each look costs a fixed time, and a timer's due time passes at once. One thread, and the same every time.</summary>
internal sealed class JumpingTimeProvider(TimeSpan perLook) : TimeProvider
{
    private long _nanoseconds = 5_000_000_000;

    public override long TimestampFrequency => 1_000_000_000;

    /// <summary>Called with the new time whenever it has moved.</summary>
    public Action<TimeSpan> Moved { get; set; } = _ => { };

    public int Waits { get; private set; }

    public override long GetTimestamp()
    {
        var now = _nanoseconds;
        Advance(perLook);
        return now;
    }

    public void Advance(TimeSpan time)
    {
        _nanoseconds += time.Ticks * TimeSpan.NanosecondsPerTick;
        Moved(TimeSpan.FromTicks((_nanoseconds - 5_000_000_000) / TimeSpan.NanosecondsPerTick));
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new JumpingTimer(this, callback, state);

    private sealed class JumpingTimer(JumpingTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Waits++;
            clock.Advance(dueTime);
            callback(state);
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
