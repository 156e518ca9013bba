using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Timing;

namespace Damon.Kubernetes.Informers;

/// <summary>
/// Keeps a store equal to what the server has of a kind: a list, then a watch from where the list stood, and a list again when the server has forgotten that place. A list becomes visible as a whole:
/// what was deleted unseen is told as deleted then, and never while pages are still to come.
/// </summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
public sealed class Informer<T>
{
    /// <summary>So many lists that expire between two pages, and the next one is asked for in one piece.</summary>
    private const int ExpiredListsBeforeUnpaged = 2;

    /// <summary>So many watches that bring nothing, for other reasons than the server's absence, and the place they start from is not trusted any more.</summary>
    private const int BarrenWatchesBeforeList = 3;

    /// <summary>A watch that ends well before this is answered by a wait: a server that ends them at once would be asked in a hot loop.</summary>
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    private readonly ApiClient _client;
    private readonly InformerOptions<T> _options;
    private readonly IReadOnlyList<IObjectHandler<T>> _handlers;
    private readonly TimeProvider _time;
    private readonly Chance _chance;
    private readonly Backoff _backoff;
    private readonly Gate _settled = new();

    // Held while handlers are called, so that the resync and the watch never call at once; and for the fields of health. Taken before the store's lock.
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, string> _undecodable = [];
    private InformerPhase _phase;
    private DateTimeOffset? _lastContact;
    private long _lastContactTimestamp;
    private ApiFailure? _failure;
    private int _consecutiveFailures;
    private long _lists;
    private long _watches;
    private bool _isStarted;

    // Of the loop alone.
    private string? _version;

    // The newest version that was seen, kept over lists so that a list from memory never shows less.
    private string? _seenVersion;
    private bool _trustsMemory = true;
    private int _expiredLists;
    private int _barrenWatches;
    private long? _goneSince;

    /// <summary>Makes an informer; nothing is sent until <see cref="RunAsync"/>.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="options">What to follow.</param>
    /// <param name="handlers">Hear of changes, in this order.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of the chance in waits.</param>
    public Informer(ApiClient client, InformerOptions<T> options, IReadOnlyList<IObjectHandler<T>> handlers, TimeProvider time, ulong seed)
    {
        if (options.WatchTimeout < ShortWatch)
            throw new ArgumentException($"A watch takes at least {ShortWatch}.", nameof(options));
        if (options.PageSize < 1)
            throw new ArgumentException("A page has at least one object.", nameof(options));
        if (options.MinBackoff <= TimeSpan.Zero || options.MaxBackoff < options.MinBackoff)
            throw new ArgumentException("Waits after failures grow from more than nothing.", nameof(options));
        _client = client;
        _options = options;
        _handlers = handlers;
        _time = time;
        _chance = new Chance(seed);
        _backoff = new Backoff(options.MinBackoff, options.MaxBackoff, _chance);
        Store = new ObjectStore<T>(options.Indexes);
        _lastContactTimestamp = time.GetTimestamp();
    }

    /// <summary>What is known.</summary>
    public ObjectStore<T> Store { get; }

    /// <summary>How it stands with the server.</summary>
    public InformerHealth Health
    {
        get
        {
            lock (_lock)
            {
                return new InformerHealth(
                    _phase, _settled.IsOpen, _lastContact, _time.GetElapsedTime(_lastContactTimestamp), _failure, _consecutiveFailures, _lists, _watches,
                    new Dictionary<ObjectKey, string>(_undecodable));
            }
        }
    }

    /// <summary>Waits until handlers have heard of the first list in full.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the informer has ended before.</exception>
    public Task WaitUntilSettledAsync(CancellationToken cancellation) => _settled.WaitAsync(cancellation);

    /// <summary>Follows until cancelled. Failures of the server never end it.</summary>
    /// <param name="cancellation">Ends it, without an exception.</param>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_isStarted)
                throw new InvalidOperationException("An informer runs once.");
            _isStarted = true;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var resync = _options.ResyncPeriod is { } period ? ResyncAsync(period, stop) : Task.CompletedTask;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var wait = _version is null ? await ListAsync(stop.Token) : await WatchAsync(_version, stop.Token);
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, _time, stop.Token);
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // A cancelled transport may throw other things than a cancellation.
        }
        finally
        {
            stop.Cancel();
            SetPhase(InformerPhase.Stopped);
            _settled.GiveUp();
        }

        await resync;
    }

    /// <returns>How long to wait before what comes next.</returns>
    private async Task<TimeSpan> ListAsync(CancellationToken cancellation)
    {
        SetPhase(InformerPhase.Listing);
        var staged = new Dictionary<ObjectKey, StoredObject<T>>();
        var undecodable = new Dictionary<ObjectKey, string>();
        var position = new ListPosition
        {
            Limit = _options.ListMode == ListMode.Paged && _expiredLists < ExpiredListsBeforeUnpaged ? _options.PageSize : 0,
            ResourceVersion = _options.ListMode == ListMode.Cached && _trustsMemory ? _seenVersion ?? "0" : null,
        };
        while (true)
        {
            var page = await _client.ListAsync(_options.Query, position, item => Stage(item, staged, undecodable), cancellation);
            if (!page.Succeeded)
                return ListFailed(page.Failure, position);
            Contact();
            if (page.Value.Continue.Length > 0)
            {
                position = position with { Continue = page.Value.Continue };
                continue;
            }

            if (page.Value.ResourceVersion.Length == 0)
                return ListFailed(new ApiFailure(ApiFailureKind.Malformed, 0, "A list without a resource version: no watch can follow it."), position);
            _goneSince = null;
            _expiredLists = 0;
            _barrenWatches = 0;
            _trustsMemory = true;
            _version = _seenVersion = page.Value.ResourceVersion;
            lock (_lock)
            {
                _lists++;
                _failure = null;
                _consecutiveFailures = 0;
            }

            Replace(staged, undecodable);
            return TimeSpan.Zero;
        }
    }

    private TimeSpan ListFailed(ApiFailure failure, ListPosition position)
    {
        switch (failure.Kind)
        {
            case ApiFailureKind.NotFound:
                return KindNotFound(failure);
            case ApiFailureKind.Expired when position.Continue.Length > 0:
                // The list took longer than the server keeps its state. Twice, and paging is given up for once: one large answer is better than never one.
                Contact();
                _expiredLists++;
                break;
            case ApiFailureKind.Expired or ApiFailureKind.VersionAhead:
                // The server's memory does not reach to what we have seen: it was restored, or has just started. Its storage is the truth.
                _trustsMemory = false;
                break;
        }

        _goneSince = null;
        return Failed(failure);
    }

    private TimeSpan KindNotFound(ApiFailure failure)
    {
        Contact();
        _goneSince ??= _time.GetTimestamp();
        Failed(failure);
        if (_time.GetElapsedTime(_goneSince.Value) < _options.GoneGrace)
            return _chance.Between(_options.GoneGrace / 8, _options.GoneGrace / 4);

        _seenVersion = null;
        if (!_options.KeepsWhenGone || !_settled.IsOpen)
            Replace([], []);
        SetPhase(InformerPhase.KindGone);
        return _chance.Between(_options.MaxBackoff / 2, _options.MaxBackoff);
    }

    /// <returns>How long to wait before what comes next.</returns>
    private async Task<TimeSpan> WatchAsync(string version, CancellationToken cancellation)
    {
        SetPhase(InformerPhase.Watching);
        var started = _time.GetTimestamp();
        var progressed = false;
        var end = await _client.WatchAsync(
            _options.Query,
            version,
            _chance.Between(_options.WatchTimeout, _options.WatchTimeout * 2),
            Opened,
            (type, json) =>
            {
                Apply(type, json);
                progressed = true;
            },
            cancellation);

        if (progressed || (end.Failure is null && _time.GetElapsedTime(started) >= ShortWatch))
        {
            _barrenWatches = 0;
            _backoff.Reset();
        }

        switch (end.Failure)
        {
            case null when _time.GetElapsedTime(started) >= ShortWatch:
                return TimeSpan.Zero;
            case null:
                return _backoff.Next();
            case { Kind: ApiFailureKind.Expired }:
                Contact();
                _version = null;
                // Every client of a server that restarted hears this at once: each comes back at its own moment.
                return Failed(end.Failure);
            case { Kind: ApiFailureKind.NotFound }:
                _version = null;
                return TimeSpan.Zero;
            case { Kind: ApiFailureKind.Unreachable or ApiFailureKind.Throttled or ApiFailureKind.Unauthorized or ApiFailureKind.Forbidden }:
                return Failed(end.Failure);
            default:
                if (++_barrenWatches >= BarrenWatchesBeforeList)
                    _version = null;
                return Failed(end.Failure);
        }
    }

    private void Opened()
    {
        Contact();
        // It knows us and answers. What a watch brings, or does not, decides about the next wait alone.
        Recovered();
        lock (_lock)
            _watches++;
    }

    private void Apply(WatchEventType type, ReadOnlySpan<byte> json)
    {
        var header = ObjectHeader.Read(json);
        Contact();
        if (type == WatchEventType.Deleted)
        {
            Delete(header.Key);
        }
        else if (type != WatchEventType.Bookmark && !IsKnown(header))
        {
            var stored = Decode(header, json, out var error);
            lock (_lock)
            {
                Note(header.Key, error);
                if (stored is not null)
                    Put(stored);
                else
                    ForgetPredecessor(header);
            }
        }

        // Only now: an event that could not be taken comes again.
        if (header.ResourceVersion.Length > 0)
            _version = _seenVersion = header.ResourceVersion;
    }

    private void Stage(ReadOnlySpan<byte> json, Dictionary<ObjectKey, StoredObject<T>> staged, Dictionary<ObjectKey, string> undecodable)
    {
        var header = ObjectHeader.Read(json);
        if (Store.TryGet(header.Key, out var known) && known.Header == header)
        {
            staged[header.Key] = known;
            return;
        }

        if (Decode(header, json, out var error) is { } stored)
        {
            staged[header.Key] = stored;
            return;
        }

        undecodable[header.Key] = error!;
        // It is there, whatever it is: its last good version stays, so that nothing takes it for deleted.
        if (known is not null && known.Header.Uid == header.Uid)
            staged[header.Key] = known;
    }

    private StoredObject<T>? Decode(ObjectHeader header, ReadOnlySpan<byte> json, out string? error)
    {
        try
        {
            error = null;
            return new StoredObject<T>(header, _options.Decoder(json));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // One object that nobody can read must not keep the others from being seen.
            error = exception.Message;
            return null;
        }
    }

    private bool IsKnown(ObjectHeader header) => Store.TryGet(header.Key, out var known) && known.Header == header;

    /// <summary>Makes a list visible: first what is gone, then what is there. Whoever reads the store between two calls sees a mixture, and is called again for the rest.</summary>
    private void Replace(Dictionary<ObjectKey, StoredObject<T>> staged, Dictionary<ObjectKey, string> undecodable)
    {
        lock (_lock)
        {
            _undecodable.Clear();
            foreach (var (key, error) in undecodable)
                _undecodable.Add(key, error);
            foreach (var old in Store.List())
            {
                if (!staged.ContainsKey(old.Key))
                    Delete(old.Key);
            }

            foreach (var stored in staged.Values)
                Put(stored);
            if (_settled.IsOpen)
                return;
            foreach (var handler in _handlers)
                handler.Settled();
        }

        _settled.Open();
    }

    private void Put(StoredObject<T> stored)
    {
        ForgetPredecessor(stored.Header);
        if (!Store.TryGet(stored.Key, out var old))
        {
            Store.Put(stored);
            foreach (var handler in _handlers)
                handler.Added(stored);
        }
        else if (old.Header != stored.Header)
        {
            Store.Put(stored);
            foreach (var handler in _handlers)
                handler.Updated(old, stored);
        }
    }

    /// <summary>An object of the same name and another identity was deleted, even where nobody told.</summary>
    private void ForgetPredecessor(ObjectHeader header)
    {
        if (Store.TryGet(header.Key, out var old) && old.Header.Uid != header.Uid)
            Remove(old);
    }

    private void Delete(ObjectKey key)
    {
        lock (_lock)
        {
            _undecodable.Remove(key);
            if (Store.TryGet(key, out var old))
                Remove(old);
        }
    }

    private void Remove(StoredObject<T> old)
    {
        Store.Remove(old.Key);
        foreach (var handler in _handlers)
            handler.Deleted(old);
    }

    private void Note(ObjectKey key, string? error)
    {
        if (error is null)
            _undecodable.Remove(key);
        else
            _undecodable[key] = error;
    }

    private async Task ResyncAsync(TimeSpan period, CancellationTokenSource stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_chance.Between(period * 0.9, period * 1.1), _time, stop.Token);
                lock (_lock)
                {
                    foreach (var stored in _settled.IsOpen ? Store.List() : [])
                    {
                        foreach (var handler in _handlers)
                            handler.Resynced(stored);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped.
        }
        finally
        {
            stop.Cancel();
        }
    }

    private void Contact()
    {
        lock (_lock)
        {
            _lastContact = _time.GetUtcNow();
            _lastContactTimestamp = _time.GetTimestamp();
        }
    }

    private void Recovered()
    {
        lock (_lock)
        {
            _failure = null;
            _consecutiveFailures = 0;
        }
    }

    private TimeSpan Failed(ApiFailure failure)
    {
        lock (_lock)
        {
            _failure = failure;
            _consecutiveFailures++;
            _phase = InformerPhase.BackingOff;
        }

        var wait = _backoff.Next();
        var asked = failure.RetryAfter ?? TimeSpan.Zero;
        var most = _options.MaxRetryAfter ?? _options.MaxBackoff * 10;
        // Whoever was told the same comes back spread out behind it.
        return asked <= wait ? wait : (asked < most ? asked : most) + _chance.Between(TimeSpan.Zero, _options.MinBackoff);
    }

    private void SetPhase(InformerPhase phase)
    {
        lock (_lock)
            _phase = phase;
    }
}
