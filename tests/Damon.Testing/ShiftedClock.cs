namespace Damon.Testing;

/// <summary>Another process's clocks: its wall clock is off, and while the process is stopped its timers wait although time goes on.</summary>
public sealed class ShiftedClock(TimeProvider time, TimeSpan shift) : TimeProvider
{
    private readonly List<Action> _held = [];
    private bool _isStopped;

    public TimeSpan Shift { get; set; } = shift;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Shift;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(
        held =>
        {
            if (_isStopped)
                _held.Add(() => callback(held));
            else
                callback(held);
        },
        state,
        dueTime,
        period);

    public void Stop() => _isStopped = true;

    public void Resume()
    {
        _isStopped = false;
        foreach (var held in _held)
            held();
        _held.Clear();
    }
}
