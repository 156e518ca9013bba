using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Timing;

namespace Damon.Kubernetes.Events;

/// <summary>
/// Writes events, in the background and as few as say it: the same event again only raises a count, which is written from time to time. Recording never waits and never fails; what is too much is
/// counted and dropped, because events are hints and the state is in the status.
/// </summary>
public sealed class EventRecorder
{
    private static readonly TimeSpan MinBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(30);

    private readonly ApiClient _client;
    private readonly EventRecorderOptions _options;
    private readonly TimeProvider _time;
    private readonly Chance _chance;

    // Guards everything below, which callers and the writing loop share.
    private readonly Lock _lock = new();
    private readonly Dictionary<Sameness, Series> _series = [];
    private readonly Dictionary<string, TokenBucket> _buckets = new(StringComparer.Ordinal);
    private readonly Queue<Series> _due = new();
    private readonly TokenBucket _requests;
    private TaskCompletionSource? _wake;
    private long _recorded;
    private long _written;
    private long _aggregated;
    private long _dropped;

    /// <summary>Makes a recorder; nothing is sent until <see cref="RunAsync"/>.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="options">Who reports, and how much.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of the chance in names and waits.</param>
    public EventRecorder(ApiClient client, EventRecorderOptions options, TimeProvider time, ulong seed)
    {
        _client = client;
        _options = options;
        _time = time;
        _chance = new Chance(seed);
        _requests = new TokenBucket(options.PerSecond, options.Burst, time);
    }

    /// <summary>What became of the events so far.</summary>
    public EventCounts Counts
    {
        get
        {
            lock (_lock)
                return new EventCounts(_recorded, _written, _aggregated, _dropped);
        }
    }

    /// <summary>Something has happened. For any thread.</summary>
    public void Record(ObjectEvent happened)
    {
        lock (_lock)
        {
            _recorded++;
            var sameness = new Sameness(happened.Regarding, happened.Type, happened.Reason, happened.Action);
            var now = _time.GetUtcNow();
            if (_series.TryGetValue(sameness, out var series) && _time.GetElapsedTime(series.LastTimestamp) < _options.SeriesEnd)
            {
                _aggregated++;
                series.Count++;
                series.LastObserved = now;
                series.LastTimestamp = _time.GetTimestamp();
                return;
            }

            if (!BucketOf(happened.Regarding.Uid).TryTake() || _due.Count >= _options.Backlog)
            {
                _dropped++;
                return;
            }

            series = new Series(happened, now, _time.GetTimestamp());
            _series[sameness] = series;
            _due.Enqueue(series);
            _wake?.TrySetResult();
        }
    }

    /// <summary>Writes until cancelled, then what still waits for as long as the grace lasts.</summary>
    /// <param name="cancellation">Stops, without an exception.</param>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var hard = new CancellationTokenSource();
        await using var grace = _time.CreateTimer(static source => CancelQuietly((CancellationTokenSource)source!), hard, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        await using var stop = cancellation.Register(() => grace.Change(_options.StopGrace, Timeout.InfiniteTimeSpan));
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                await WriteDueAsync(hard.Token);
                await WaitAsync(cancellation);
                TakeSeriesDue(isStopping: false);
            }

            TakeSeriesDue(isStopping: true);
            await WriteDueAsync(hard.Token);
        }
        catch (Exception) when (hard.IsCancellationRequested)
        {
            // The grace is over; what was not written is lost, as hints may be.
        }
    }

    /// <summary>Until there is a new event, or it is time to look for series to write.</summary>
    private async Task WaitAsync(CancellationToken cancellation)
    {
        var wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_due.Count > 0)
                return;
            _wake = wake;
        }

        await using var timer = _time.CreateTimer(static source => ((TaskCompletionSource)source!).TrySetResult(), wake, _options.SeriesInterval, Timeout.InfiniteTimeSpan);
        await using var stop = cancellation.Register(static source => ((TaskCompletionSource)source!).TrySetResult(), wake);
        await wake.Task;
    }

    private async Task WriteDueAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Series? series;
            TimeSpan wait;
            lock (_lock)
            {
                if (!_due.TryDequeue(out series))
                    return;
                wait = _requests.Reserve();
            }

            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, _time, cancellation);
            await WriteAsync(series, cancellation);
        }
    }

    private async Task WriteAsync(Series series, CancellationToken cancellation)
    {
        var backoff = new Backoff(MinBackoff, MaxBackoff, _chance);
        for (var attempt = 1; ; attempt++)
        {
            var state = StateOf(series);
            var isNew = series.Name is null;
            // The name is kept over attempts: an event whose answer was lost is not written twice.
            series.Name ??= series.NewName ??= EventDocument.NameFor(series.Event.Regarding.Key, series.First, _chance.NextBits());
            var ns = series.Event.Regarding.Key.Namespace is { Length: > 0 } own ? own : _options.NamespaceOfClusterScoped;
            var result = isNew
                ? await _client.CreateAsync(
                    ResourceKind.Events, ns, EventDocument.Create(series.Event, _options, ns, series.Name, series.First, state.Count > 1 ? state : null), cancellation)
                : await _client.PatchAsync(
                    ResourceKind.Events, new ObjectKey(ns, series.Name), PatchKind.Merge, EventDocument.SeriesPatch(state), _options.Controller, force: false, cancellation);
            if (result.Succeeded || (isNew && result.Failure.Kind == ApiFailureKind.AlreadyExists))
            {
                lock (_lock)
                {
                    _written++;
                    series.WrittenCount = state.Count;
                    series.WrittenAt = _time.GetTimestamp();
                }

                return;
            }

            if (isNew)
                series.Name = null;
            if (!isNew && result.Failure.Kind == ApiFailureKind.NotFound)
            {
                // Events end after an hour or so: the series goes on under another.
                series.Name = series.NewName = null;
                continue;
            }

            if (!result.Failure.IsTransient || attempt >= _options.Attempts)
            {
                Drop(series);
                return;
            }

            var wait = backoff.Next();
            await Task.Delay(result.Failure.RetryAfter is { } asked && asked > wait && asked <= MaxBackoff ? asked : wait, _time, cancellation);
        }
    }

    /// <summary>Puts series whose count has grown in line, and forgets those that are over and written.</summary>
    private void TakeSeriesDue(bool isStopping)
    {
        lock (_lock)
        {
            foreach (var (sameness, series) in _series.ToList())
            {
                var isOver = _time.GetElapsedTime(series.LastTimestamp) >= _options.SeriesEnd;
                if (series.Count > series.WrittenCount && series.WrittenCount > 0)
                {
                    if (isStopping || isOver || _time.GetElapsedTime(series.WrittenAt) >= _options.SeriesInterval)
                        _due.Enqueue(series);
                }
                else if (isOver)
                {
                    _series.Remove(sameness);
                }
            }

            foreach (var (uid, bucket) in _buckets.ToList())
            {
                if (bucket.IsFull())
                    _buckets.Remove(uid);
            }
        }
    }

    private void Drop(Series series)
    {
        lock (_lock)
        {
            _dropped++;
            // Counted as written: a server that refuses it is not asked once a minute for ever.
            series.WrittenCount = series.Count;
            series.WrittenAt = _time.GetTimestamp();
        }
    }

    private EventSeriesState StateOf(Series series)
    {
        lock (_lock)
            return new EventSeriesState(series.Count, series.LastObserved);
    }

    private TokenBucket BucketOf(string uid)
    {
        if (!_buckets.TryGetValue(uid, out var bucket))
            _buckets.Add(uid, bucket = new TokenBucket(_options.PerSecondPerObject, _options.BurstPerObject, _time));
        return bucket;
    }

    private static void CancelQuietly(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Ended already.
        }
    }

    private sealed record Sameness(ObjectReference Regarding, EventType Type, string Reason, string Action);

    private sealed class Series(ObjectEvent happened, DateTimeOffset first, long timestamp)
    {
        public ObjectEvent Event => happened;

        public DateTimeOffset First { get; } = first;

        public int Count { get; set; } = 1;

        public DateTimeOffset LastObserved { get; set; } = first;

        public long LastTimestamp { get; set; } = timestamp;

        public int WrittenCount { get; set; }

        public long WrittenAt { get; set; }

        /// <summary>The event at the server; null before it is there.</summary>
        public string? Name { get; set; }

        /// <summary>The name it will have there.</summary>
        public string? NewName { get; set; }
    }
}
