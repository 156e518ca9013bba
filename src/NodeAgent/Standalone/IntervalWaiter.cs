namespace Damon.NodeAgent.Standalone;

/// <summary>Lets a thread wait for sample intervals, on any clock and without allocating: one timer, set anew each time.</summary>
public sealed class IntervalWaiter : IDisposable
{
    private readonly TimeProvider _time;
    private readonly AutoResetEvent _due = new(initialState: false);
    private readonly WaitHandle[] _handles;
    private readonly ITimer _timer;

    /// <summary>Makes a waiter; nothing runs until <see cref="WaitUntil"/>.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends every wait at once.</param>
    public IntervalWaiter(TimeProvider time, CancellationToken cancellation)
    {
        _time = time;
        _handles = [cancellation.WaitHandle, _due];
        _timer = time.CreateTimer(static due => ((AutoResetEvent)due!).Set(), _due, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits until a span has passed since a timestamp of the clock. A span that is over already is not waited for.</summary>
    /// <param name="since">A timestamp of the clock.</param>
    /// <param name="span">How long.</param>
    /// <returns>False when cancelled.</returns>
    public bool WaitUntil(long since, TimeSpan span)
    {
        while (true)
        {
            var left = span - _time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero)
            {
                return !_handles[0].WaitOne(0);
            }

            // A timer's resolution is a millisecond: below that it would fire at once and the loop would spin.
            _timer.Change(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left, Timeout.InfiniteTimeSpan);
            if (WaitHandle.WaitAny(_handles) == 0)
            {
                return false;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _due.Dispose();
    }
}
