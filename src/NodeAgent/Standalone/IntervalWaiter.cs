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
    /// <param name="wake">Ends the wait that is under way, when it is set; null for nothing.</param>
    public IntervalWaiter(TimeProvider time, CancellationToken cancellation, WaitHandle? wake = null)
    {
        _time = time;
        _handles = wake is null ? [cancellation.WaitHandle, _due] : [cancellation.WaitHandle, _due, wake];
        _timer = time.CreateTimer(static waiter => ((IntervalWaiter)waiter!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
            switch (WaitHandle.WaitAny(_handles))
            {
                case 0:
                    return false;
                case 2:
                    return true;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _due.Dispose();
    }

    /// <summary>
    /// A cancelled wait leaves its timer set, and disposing a timer does not wait for a callback that has begun: it may come when the event is
    /// gone, and an exception on the timer's thread would end the process.
    /// </summary>
    private void OnDue()
    {
        try
        {
            _due.Set();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }
}
