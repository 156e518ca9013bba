using System.Text.Json;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Timing;

namespace Damon.Kubernetes.Leases;

/// <summary>
/// At most one of several processes leads, by a Lease. No machine's clock is compared with another's: a candidate takes a lease over when *it* has seen it unchanged for its duration, and a leader stops
/// acting when *it* has not renewed for the deadline, counted from before the request that renewed. The deadline is shorter, so the leader has stopped before anybody takes over.
/// </summary>
public sealed class LeaderElector
{
    /// <summary>A duration in a lease beyond this is not believed: a slip in it would leave the cluster without a leader for as long.</summary>
    private static readonly TimeSpan LongestDuration = TimeSpan.FromMinutes(10);

    private const long NoContact = long.MinValue;

    private readonly ApiClient _client;
    private readonly LeaderElectionOptions _options;
    private readonly TimeProvider _time;
    private readonly Chance _chance;
    private readonly ObjectKey _key;

    // The last renewal as the clocks stood before its request, or null when not leading. Replaced as a whole: readers on other threads never see halves.
    private volatile Renewal? _renewal;
    private volatile string? _holder;
    private long _contactAt = NoContact;

    /// <summary>Makes a candidate; nothing is sent until <see cref="RunAsync"/>.</summary>
    /// <param name="client">Sends the requests; not a fenced one.</param>
    /// <param name="options">Which lease.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of the chance in waits.</param>
    public LeaderElector(ApiClient client, LeaderElectionOptions options, TimeProvider time, ulong seed)
    {
        if (options.Identity.Length == 0)
            throw new ArgumentException("A holder needs an identity.", nameof(options));
        if (options.LeaseDuration < TimeSpan.FromSeconds(1) || options.RenewDeadline >= options.LeaseDuration || options.RetryPeriod >= options.RenewDeadline)
            throw new ArgumentException("A lease is retried more often than its deadline, and its deadline is before its end.", nameof(options));
        _client = client;
        _options = options;
        _time = time;
        _chance = new Chance(seed);
        _key = new ObjectKey(options.Namespace, options.Name);
    }

    /// <summary>
    /// Whether this process may act at this moment, by the clock and not by what some thread has noticed: a process that was stopped for longer than its lease finds false on waking. To be asked before
    /// each write: <see cref="ApiClient.Fenced"/>.
    /// </summary>
    public bool IsLeader => _renewal is { } renewal && Since(renewal) < _options.RenewDeadline;

    /// <summary>How long ago the server last answered about the lease, be it with a refusal to write; null before the first time.</summary>
    public TimeSpan? SinceLastContact => Interlocked.Read(ref _contactAt) is var at and not NoContact ? _time.GetElapsedTime(at) : null;

    /// <summary>Who leads, as last seen; empty for nobody, null when nothing has been seen yet.</summary>
    public string? Holder => _holder;

    /// <summary>Stands for election until cancelled, and leads whenever elected.</summary>
    /// <param name="lead">
    /// The work of one term. Its token is cancelled when the term ends; the lease is kept while it winds up after a stop. If it returns by itself the lease is given back and the run ends.
    /// </param>
    /// <param name="cancellation">Stops, without an exception.</param>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            LeaseRecord lease;
            try
            {
                lease = await AcquireAsync(cancellation);
            }
            catch (Exception) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            if (await LeadAsync(lease, lead, cancellation))
                return;
        }
    }

    private async Task<LeaseRecord> AcquireAsync(CancellationToken cancellation)
    {
        var observation = default((string, string, string, int));
        var observedAt = _time.GetTimestamp();
        while (true)
        {
            // A request that hangs is not waited for longer than a leader would.
            using var timeout = new CancellationTokenSource(_options.RenewDeadline / 3, _time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
            try
            {
                var (found, isMissing) = await ReadAsync(linked.Token);
                if (isMissing)
                    found = LeaseRecord.New(_key);
                if (found is not null)
                {
                    _holder = found.Holder;
                    if (found.Observation != observation)
                    {
                        observation = found.Observation;
                        observedAt = _time.GetTimestamp();
                    }

                    var duration = found.Duration is { } stated && stated <= LongestDuration ? stated : _options.LeaseDuration;
                    var isFree = found.Holder.Length == 0 || found.Holder == _options.Identity || _time.GetElapsedTime(observedAt) >= duration;
                    if (isFree && await WriteAsync(found, isMissing, linked.Token) is { Succeeded: true } written)
                        return written.Value;
                }
            }
            catch (Exception) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                // The next attempt finds out what has become of it.
            }

            // Candidates that look at the same moment would all try at the same moment.
            await Task.Delay(_chance.Between(_options.RetryPeriod, _options.RetryPeriod * 1.5), _time, cancellation);
        }
    }

    /// <returns>Whether the run is over; else the lease was lost, and this process stands again.</returns>
    private async Task<bool> LeadAsync(LeaseRecord lease, Func<CancellationToken, Task> lead, CancellationToken cancellation)
    {
        using var term = new CancellationTokenSource();
        using var ended = new CancellationTokenSource();
        // Not the renewing loop's business alone: it may itself be stuck in a request.
        await using var deadline = _time.CreateTimer(static source => CancelQuietly((CancellationTokenSource)source!), term, Left(), Timeout.InfiniteTimeSpan);
        await using var stop = cancellation.Register(static source => CancelQuietly((CancellationTokenSource)source!), term);
        var work = WorkAsync(lead, ended, term.Token);
        var isLost = false;
        while (!ended.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_options.RetryPeriod, _time, ended.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            var attempt = await RenewAsync(lease, ended.Token);
            if (attempt.Lease is not null)
            {
                lease = attempt.Lease;
                deadline.Change(Left(), Timeout.InfiniteTimeSpan);
            }

            // A term that its deadline has ended stays ended, even if an answer came after that and renewed the lease.
            isLost = attempt.IsLost || !IsLeader || (term.IsCancellationRequested && !cancellation.IsCancellationRequested);
            if (isLost)
                break;
        }

        var returnedByItself = !isLost && !term.IsCancellationRequested;
        if (isLost)
        {
            _renewal = null;
            term.Cancel();
        }

        try
        {
            await work;
        }
        finally
        {
            await ReleaseAsync(lease);
        }

        return returnedByItself || cancellation.IsCancellationRequested;
    }

    private static async Task WorkAsync(Func<CancellationToken, Task> lead, CancellationTokenSource ended, CancellationToken term)
    {
        await Task.Yield();
        try
        {
            await lead(term);
        }
        catch (OperationCanceledException) when (term.IsCancellationRequested)
        {
            // The way a term is expected to end.
        }
        finally
        {
            ended.Cancel();
        }
    }

    private async Task<(LeaseRecord? Lease, bool IsLost)> RenewAsync(LeaseRecord lease, CancellationToken cancellation)
    {
        // One request that hangs must leave time for another before the deadline.
        using var timeout = new CancellationTokenSource(_options.RenewDeadline / 3, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            var written = await WriteAsync(lease, isMissing: false, linked.Token);
            if (written.Succeeded)
                return (written.Value, false);
            if (written.Failure.Kind is not (ApiFailureKind.Conflict or ApiFailureKind.NotFound))
                return (null, false);

            // Somebody has touched it, be it only to label it, or our last renewal was written and its answer lost.
            var (found, isMissing) = await ReadAsync(linked.Token);
            if (isMissing)
                found = LeaseRecord.New(_key);
            if (found is null)
                return (null, false);
            _holder = found.Holder;
            if (!isMissing && found.Holder != _options.Identity)
                return (null, true);
            written = await WriteAsync(found, isMissing, linked.Token);
            return (written.Succeeded ? written.Value : null, false);
        }
        catch (Exception) when (linked.IsCancellationRequested)
        {
            return (null, false);
        }
    }

    private async Task<ApiResult<LeaseRecord>> WriteAsync(LeaseRecord lease, bool isMissing, CancellationToken cancellation)
    {
        var before = new Renewal(_time.GetTimestamp(), _time.GetUtcNow());
        var body = lease.HeldBy(_options.Identity, _options.LeaseDuration, before.WallClock);
        var result = isMissing
            ? await _client.CreateAsync(ResourceKind.Leases, _options.Namespace, body, cancellation)
            : await _client.ReplaceAsync(ResourceKind.Leases, _key, body, cancellation);
        NoteContact(result.Failure);
        if (!result.Succeeded)
            return result.Failure;
        try
        {
            var written = LeaseRecord.Parse(result.Value);
            _renewal = before;
            _holder = _options.Identity;
            return written;
        }
        catch (JsonException error)
        {
            return new ApiFailure(ApiFailureKind.Malformed, 0, error.Message);
        }
    }

    private async Task<(LeaseRecord? Lease, bool IsMissing)> ReadAsync(CancellationToken cancellation)
    {
        var result = await _client.GetAsync(ResourceKind.Leases, _key, cancellation);
        NoteContact(result.Failure);
        if (!result.Succeeded)
            return (null, result.Failure.Kind == ApiFailureKind.NotFound);
        try
        {
            return (LeaseRecord.Parse(result.Value), false);
        }
        catch (JsonException)
        {
            return (null, false);
        }
    }

    private void NoteContact(ApiFailure? failure)
    {
        if (failure is not { IsLossOfServer: true })
            Interlocked.Exchange(ref _contactAt, _time.GetTimestamp());
    }

    /// <summary>Best effort: if it fails the others wait until the lease is over.</summary>
    private async Task ReleaseAsync(LeaseRecord lease)
    {
        if (!IsLeader)
            return;
        _renewal = null;
        using var timeout = new CancellationTokenSource(_options.RetryPeriod, _time);
        try
        {
            var released = lease.Released(_time.GetUtcNow());
            if ((await _client.ReplaceAsync(ResourceKind.Leases, _key, released, timeout.Token)).Succeeded)
                _holder = "";
        }
        catch (Exception) when (timeout.IsCancellationRequested)
        {
            // No time left for it.
        }
    }

    private TimeSpan Left()
    {
        var left = _renewal is { } renewal ? _options.RenewDeadline - Since(renewal) : TimeSpan.Zero;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>
    /// The longer of two clocks' readings. The steady one stands still while the machine sleeps, and the wall clock may be set: whichever says that more time has passed ends the term earlier, and that
    /// is the safe side.
    /// </summary>
    private TimeSpan Since(Renewal renewal)
    {
        var steady = _time.GetElapsedTime(renewal.Steady);
        var wall = _time.GetUtcNow() - renewal.WallClock;
        return wall > steady ? wall : steady;
    }

    private static void CancelQuietly(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The term is over already.
        }
    }

    private sealed record Renewal(long Steady, DateTimeOffset WallClock);
}
