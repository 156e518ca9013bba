using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// The one thread that talks to the kernel's DAMON. A write there blocks until the kdamond has carried the command out, which nothing can interrupt; so nobody else waits for it
/// longer than it wants to, and requests do not pile up behind one that never comes back.
/// </summary>
/// <remarks>Any thread may ask. Requests are carried out in the order in which they came. The thread begins with the first request.</remarks>
public sealed class KernelWorker : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly KernelWorkerOptions _options;

    /// <summary>Guards what is below: requests are added while the worker takes them away.</summary>
    private readonly object _gate = new();
    private readonly Queue<KernelWorkItem> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Thread? _thread;
    private long? _began;
    private bool _isEnding;

    /// <summary>A worker that does nothing yet.</summary>
    /// <param name="time">The clock that deadlines are measured by.</param>
    /// <param name="options">Its bounds.</param>
    public KernelWorker(TimeProvider time, KernelWorkerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.IsUsable)
        {
            throw new ArgumentException($"A capacity of at least 1 and times above zero, not {options}.", nameof(options));
        }

        (_time, _options) = (time, options);
    }

    /// <summary>For how long the request that is being carried out has taken; null where there is none.</summary>
    public TimeSpan? Occupied
    {
        get
        {
            lock (_gate)
            {
                return _began is { } began ? _time.GetElapsedTime(began) : null;
            }
        }
    }

    /// <summary>Whether that is longer than <see cref="KernelWorkerOptions.StuckAfter"/>.</summary>
    public bool IsStuck => Occupied >= _options.StuckAfter;

    /// <summary>Requests that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _queue.Count(item => !item.IsGivenUp);
            }
        }
    }

    /// <summary>Has a change carried out.</summary>
    /// <param name="change">What to do, on the worker's thread.</param>
    /// <param name="cancellation">Ends the waiting. What has begun is carried out all the same.</param>
    /// <returns>
    /// The change's outcome; <see cref="KernelOutcomeKind.Busy"/> where it was not begun, or where it was not finished in time: the message says which, and of one that was begun only
    /// a look at the kdamond tells what became of it.
    /// </returns>
    public Task<KernelOutcome> ChangeAsync(Func<KernelOutcome> change, CancellationToken cancellation = default) =>
        RunAsync(change, reason => new KernelOutcome(KernelOutcomeKind.Busy, reason), cancellation);

    /// <summary>Has something read.</summary>
    /// <typeparam name="T">What.</typeparam>
    /// <param name="read">What to do, on the worker's thread.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>What was read; <see cref="HostErrorKind.Busy"/> where it was not read in time.</returns>
    public Task<HostResult<T>> ReadAsync<T>(Func<HostResult<T>> read, CancellationToken cancellation = default) =>
        RunAsync(read, reason => new HostError(HostErrorKind.Busy, HostDamonTree.Root, reason), cancellation);

    /// <summary>Takes no more requests, refuses those that wait, and waits a bounded time for the one that is being carried out. A thread that is stuck in the kernel is left behind; it does not keep the program from ending.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isEnding = true;
            while (_queue.TryDequeue(out var item))
            {
                if (item.TryGiveUp())
                {
                    item.Refuse("not begun: the kernel's worker ends");
                }
            }

            Monitor.PulseAll(_gate);
            if (_thread is null)
            {
                return;
            }
        }

        try
        {
            await _ended.Task.WaitAsync(_options.EndDeadline, _time);
        }
        catch (TimeoutException)
        {
            // The kernel still holds the thread. Nothing can take it back.
        }
    }

    private async Task<T> RunAsync<T>(Func<T> work, Func<string, T> refusal, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var item = new KernelWork<T>(work, refusal);
        if (Enqueue(item) is { } reason)
        {
            return refusal(reason);
        }

        try
        {
            return await item.Result.WaitAsync(_options.Deadline, _time, cancellation);
        }
        catch (TimeoutException) when (!item.Result.IsFaulted)
        {
            return refusal(item.TryGiveUp()
                ? $"not begun within {_options.Deadline}: another request takes long"
                : $"begun, but not finished within {_options.Deadline}: what became of it is not known");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            item.TryGiveUp();
            throw;
        }
    }

    /// <summary>Puts a request into the queue, or says why not.</summary>
    private string? Enqueue(KernelWorkItem item)
    {
        lock (_gate)
        {
            if (_isEnding)
            {
                return "not begun: the kernel's worker has ended";
            }

            if (_began is { } began && _time.GetElapsedTime(began) is var taken && taken >= _options.StuckAfter)
            {
                return $"not begun: the kernel has not come back from a request for {taken}, stuck since {_time.GetUtcNow() - taken:u}";
            }

            if (_queue.Count >= _options.Capacity)
            {
                // Those that nobody waits for any more are only still there because nothing has taken them away.
                for (var i = _queue.Count; i > 0; i--)
                {
                    if (_queue.Dequeue() is { IsGivenUp: false } live)
                    {
                        _queue.Enqueue(live);
                    }
                }

                if (_queue.Count >= _options.Capacity)
                {
                    return $"not begun: {_queue.Count} requests wait already";
                }
            }

            _queue.Enqueue(item);
            if (_thread is null)
            {
                // Of its own, not of the thread pool: it may be blocked for good. In the background, so that it does not hold the program then.
                _thread = new Thread(Work) { IsBackground = true, Name = "damon-kernel" };
                _thread.Start();
            }

            Monitor.Pulse(_gate);
            return null;
        }
    }

    private void Work()
    {
        while (Next() is { } item)
        {
            item.CarryOut();
            lock (_gate)
            {
                _began = null;
            }
        }

        _ended.TrySetResult();
    }

    private KernelWorkItem? Next()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_queue.TryDequeue(out var item))
                {
                    if (item.TryBegin())
                    {
                        _began = _time.GetTimestamp();
                        return item;
                    }
                }
                else if (_isEnding)
                {
                    return null;
                }
                else
                {
                    Monitor.Wait(_gate);
                }
            }
        }
    }
}
