namespace Damon.Kubernetes.Timing;

/// <summary>One task waits, anybody wakes it; a call before the wait is not lost, and several are one.</summary>
/// <param name="time">The clock.</param>
public sealed class Wakeup(TimeProvider time)
{
    // Between the look at the flag and the wait a call would be lost.
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiter;
    private bool _isCalled;

    /// <summary>Wakes it, now or at its next wait.</summary>
    public void Call()
    {
        lock (_lock)
        {
            _isCalled |= _waiter is null || !_waiter.TrySetResult();
            _waiter = null;
        }
    }

    /// <summary>Waits for a call, the time, or the end; never throws.</summary>
    /// <param name="atMost">How long at the most.</param>
    /// <param name="cancellation">The end.</param>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isCalled)
            {
                _isCalled = false;
                return;
            }

            _waiter = waiter;
        }

        await using var timer = time.CreateTimer(static source => ((TaskCompletionSource)source!).TrySetResult(), waiter, atMost, Timeout.InfiniteTimeSpan);
        await using var end = cancellation.Register(static source => ((TaskCompletionSource)source!).TrySetResult(), waiter);
        await waiter.Task;
    }
}
