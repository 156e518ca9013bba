using System.Diagnostics.CodeAnalysis;
using Damon.Kubernetes.Timing;

namespace Damon.Kubernetes.Queues;

/// <summary>
/// Keys that something has to be done about, each at most once at a time: a key that is added again while it waits is there once; one that is added while it is worked on comes again afterwards, and is
/// never worked on by two. For any thread.
/// </summary>
/// <typeparam name="TKey">Names what is to be looked at.</typeparam>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "The field's own name; it is a queue, if not a collection.")]
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly WorkQueueOptions _options;
    private readonly TimeProvider _time;
    private readonly Chance _chance;
    private readonly ITimer _timer;

    // Guards everything below. Waiters complete on other threads, so handing a key out under the lock runs no code of theirs.
    private readonly Lock _lock = new();
    private readonly Queue<TKey> _ready = new();
    private readonly HashSet<TKey> _dirty = [];
    private readonly HashSet<TKey> _processing = [];
    private readonly Queue<TaskCompletionSource<WorkItem<TKey>>> _waiters = new();
    private readonly Dictionary<TKey, long> _due = [];
    private readonly PriorityQueue<TKey, long> _delayed = new();
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly TokenBucket _retries;
    private bool _isShutDown;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="options">Waits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of the chance in waits.</param>
    public WorkQueue(WorkQueueOptions options, TimeProvider time, ulong seed)
    {
        if (options.MinBackoff <= TimeSpan.Zero || options.MaxBackoff < options.MinBackoff)
            throw new ArgumentException("Waits after failures grow from more than nothing.", nameof(options));
        if (options.RetriesPerSecond <= 0 || options.RetryBurst < 1)
            throw new ArgumentException("Some retries must be allowed.", nameof(options));
        _options = options;
        _time = time;
        _chance = new Chance(seed);
        _retries = new TokenBucket(options.RetriesPerSecond, options.RetryBurst, time);
        _timer = time.CreateTimer(static queue => ((WorkQueue<TKey>)queue!).TakeDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How full it is.</summary>
    public WorkQueueState State
    {
        get
        {
            lock (_lock)
                return new WorkQueueState(_ready.Count, _processing.Count, _due.Count, _failures.Count);
        }
    }

    /// <summary>The key is to be looked at as soon as possible. Does nothing once the queue is shut down.</summary>
    public void Add(TKey key)
    {
        lock (_lock)
            AddLocked(key);
    }

    /// <summary>The key is to be looked at after a while. Of several such wishes the earliest counts; one that waits is no reason not to <see cref="Add"/>.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        lock (_lock)
            AddAfterLocked(key, delay);
    }

    /// <summary>The key has failed: it comes again after its own back-off, or later where too many keys fail.</summary>
    /// <param name="key">Which one.</param>
    /// <param name="atLeast">It does not come again before this.</param>
    public void AddRateLimited(TKey key, TimeSpan atLeast = default)
    {
        lock (_lock)
        {
            var failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
            var own = Backoff.After(failures, _options.MinBackoff, _options.MaxBackoff, _chance);
            var all = _retries.Reserve();
            var wait = own > all ? own : all;
            AddAfterLocked(key, wait > atLeast ? wait : atLeast);
        }
    }

    /// <summary>The key is well: its next failure counts as its first.</summary>
    public void Forget(TKey key)
    {
        lock (_lock)
            _failures.Remove(key);
    }

    /// <summary>Waits for a key and marks it as being worked on, until <see cref="Done"/>.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; no key was taken.</exception>
    public async Task<WorkItem<TKey>> TakeAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        TaskCompletionSource<WorkItem<TKey>> waiter;
        lock (_lock)
        {
            if (_isShutDown)
                return new WorkItem<TKey>(IsEnd: true, default!);
            waiter = new TaskCompletionSource<WorkItem<TKey>>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Enqueue(waiter);
            HandOut();
        }

        await using var registration = cancellation.Register(
            static (state, token) => ((TaskCompletionSource<WorkItem<TKey>>)state!).TrySetCanceled(token), waiter);
        return await waiter.Task;
    }

    /// <summary>The key is not worked on any more. If it was added meanwhile it is ready again.</summary>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            if (_processing.Remove(key) && _dirty.Contains(key))
            {
                _ready.Enqueue(key);
                HandOut();
            }
        }
    }

    /// <summary>Hands nothing out any more, and takes nothing in: what is to be done is found again by looking, at the next start.</summary>
    public void ShutDown()
    {
        lock (_lock)
        {
            _isShutDown = true;
            _ready.Clear();
            _dirty.Clear();
            _delayed.Clear();
            _due.Clear();
            while (_waiters.TryDequeue(out var waiter))
                waiter.TrySetResult(new WorkItem<TKey>(IsEnd: true, default!));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ShutDown();
        _timer.Dispose();
    }

    private void AddLocked(TKey key)
    {
        if (_isShutDown || !_dirty.Add(key) || _processing.Contains(key))
            return;
        _ready.Enqueue(key);
        HandOut();
    }

    private void AddAfterLocked(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            AddLocked(key);
            return;
        }

        var due = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
        if (_isShutDown || (_due.TryGetValue(key, out var earlier) && earlier <= due))
            return;
        _due[key] = due;
        _delayed.Enqueue(key, due);
        SetTimer();
    }

    private void HandOut()
    {
        while (_ready.Count > 0 && _waiters.TryDequeue(out var waiter))
        {
            // A waiter that was cancelled takes nothing; the key stays for the next one.
            if (!waiter.TrySetResult(new WorkItem<TKey>(IsEnd: false, _ready.Peek())))
                continue;
            var key = _ready.Dequeue();
            _dirty.Remove(key);
            _processing.Add(key);
        }
    }

    private void TakeDue()
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            while (_delayed.TryPeek(out var key, out var due) && due <= now)
            {
                _delayed.Dequeue();
                // An entry that was overtaken by an earlier one of its key has no due time of its own any more.
                if (_due.TryGetValue(key, out var current) && current == due)
                {
                    _due.Remove(key);
                    AddLocked(key);
                }
            }

            SetTimer();
        }
    }

    private void SetTimer()
    {
        if (!_delayed.TryPeek(out _, out var due))
            return;
        // Rounded up: a timer that fires before the key's time would be set again and again for nothing.
        var ticks = Math.Max(0, due - _time.GetTimestamp());
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(ticks * 1000.0 / _time.TimestampFrequency)), Timeout.InfiniteTimeSpan);
    }
}
