namespace Damon.Kubernetes.Timing;

/// <summary>Opens once; who waits goes on then. Waiters never run on the thread that opens it.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen => _open.Task.IsCompletedSuccessfully;

    public void Open() => _open.TrySetResult();

    /// <summary>Nobody will open it any more.</summary>
    public void GiveUp() => _open.TrySetCanceled();

    public async Task WaitAsync(CancellationToken cancellation)
    {
        if (!cancellation.CanBeCanceled)
        {
            await _open.Task;
            return;
        }

        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellation.Register(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), cancelled);
        var forwarding = ForwardAsync(cancelled);
        await cancelled.Task;
        await forwarding;
    }

    private async Task ForwardAsync(TaskCompletionSource waiter)
    {
        try
        {
            await _open.Task;
            waiter.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            waiter.TrySetCanceled();
        }
    }
}
