using Damon.Kubernetes.Queues;

namespace Damon.Kubernetes.Controllers;

/// <summary>Works through a queue of keys with a number of workers, no key by two of them.</summary>
/// <typeparam name="TKey">Names what is to be looked at.</typeparam>
/// <param name="queue">Where the keys come from; shut down when the controller stops.</param>
/// <param name="reconciler">Called for each key.</param>
/// <param name="options">How many at once.</param>
/// <param name="time">The clock.</param>
/// <param name="observer">Hears of each call, or null.</param>
public sealed class Controller<TKey>(
    WorkQueue<TKey> queue, Reconciler<TKey> reconciler, ControllerOptions options, TimeProvider time, IControllerObserver<TKey>? observer = null)
    where TKey : notnull
{
    /// <summary>Works until cancelled; then takes no further key and waits for those in work.</summary>
    /// <param name="untilReady">What must have settled before the first key: a reconciler that finds an object missing while the first list is still coming would undo what is right.</param>
    /// <param name="cancellation">Stops, without an exception.</param>
    public async Task RunAsync(IReadOnlyList<Func<CancellationToken, Task>> untilReady, CancellationToken cancellation)
    {
        try
        {
            foreach (var ready in untilReady)
                await ready(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            queue.ShutDown();
            return;
        }

        using var now = new CancellationTokenSource();
        await using var last = time.CreateTimer(static source => CancelQuietly((CancellationTokenSource)source!), now, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var stop = cancellation.Register(() =>
        {
            queue.ShutDown();
            last.Change(options.StopGrace, Timeout.InfiniteTimeSpan);
        });
        var workers = new List<Task>();
        for (var worker = 0; worker < options.Workers; worker++)
            workers.Add(WorkAsync(now.Token));
        foreach (var worker in workers)
            await worker;
    }

    private async Task WorkAsync(CancellationToken now)
    {
        await Task.Yield();
        while (true)
        {
            var item = await queue.TakeAsync(CancellationToken.None);
            if (item.IsEnd)
                return;
            try
            {
                await ReconcileAsync(item.Key, now);
            }
            finally
            {
                queue.Done(item.Key);
            }
        }
    }

    private async Task ReconcileAsync(TKey key, CancellationToken now)
    {
        var started = time.GetTimestamp();
        ReconcileResult result;
        Exception? thrown = null;
        try
        {
            result = await reconciler(key, now);
        }
        catch (Exception exception)
        {
            // One key that hits a bug must not stop the others.
            thrown = exception;
            result = ReconcileResult.Failed(exception.Message);
        }

        observer?.Reconciled(key, result, time.GetElapsedTime(started), thrown);
        if (result.Error is not null)
        {
            queue.AddRateLimited(key, result.After ?? TimeSpan.Zero);
            return;
        }

        queue.Forget(key);
        if (result.After is { } after)
            queue.AddAfter(key, after);
    }

    /// <summary>The timer's callback may come when the run has just ended.</summary>
    private static void CancelQuietly(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Nobody works any more.
        }
    }
}
