using Damon.Kubernetes.Events;
using Damon.Kubernetes.Leases;
using Damon.Operator.Cluster;
using Damon.Operator.Metrics;

namespace Damon.Operator.Hosting;

/// <summary>What the process tells about itself. For any thread.</summary>
/// <param name="elector">Knows whether it leads.</param>
/// <param name="meter">Counts.</param>
/// <param name="version">The operator's version.</param>
/// <param name="time">The clock.</param>
internal sealed class OperatorView(LeaderElector elector, OperatorMeter meter, string version, TimeProvider time)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly Lock _lock = new();
    private OperatorTerm? _term;
    private EventCounts _formerEvents;
    private long _turnedAt = time.GetTimestamp();

    /// <summary>Whether this process leads.</summary>
    public bool IsLeader => elector.IsLeader;

    /// <summary>Who leads, as last seen; null where nothing has been seen.</summary>
    public string? Holder => elector.Holder;

    /// <summary>How long ago the server last answered about the lease; null for never.</summary>
    public TimeSpan? SinceLeaseContact => elector.SinceLastContact;

    /// <summary>How long ago the process last showed that its threads come to their turn.</summary>
    public TimeSpan SinceTurn => time.GetElapsedTime(Interlocked.Read(ref _turnedAt));

    /// <summary>The term that is worked; null where none is.</summary>
    public OperatorTerm? Term
    {
        get
        {
            lock (_lock)
                return _term;
        }
    }

    /// <summary>The process's threads come to their turn.</summary>
    public void Turn() => Interlocked.Exchange(ref _turnedAt, time.GetTimestamp());

    /// <summary>A term begins, or is over (null).</summary>
    public void SetTerm(OperatorTerm? term)
    {
        lock (_lock)
        {
            if (_term is not null)
                _formerEvents = Sum(_formerEvents, _term.Events);
            _term = term;
        }
    }

    /// <summary>Everything, for metrics.</summary>
    public OperatorFigures Figures()
    {
        OperatorTerm? term;
        EventCounts events;
        lock (_lock)
            (term, events) = (_term, _term is null ? _formerEvents : Sum(_formerEvents, _term.Events));
        return new OperatorFigures
        {
            Version = version,
            StartedAt = _startedAt,
            IsLeader = IsLeader,
            Terms = meter.Terms,
            CpuTime = CpuTime(),
            ResidentBytes = Environment.WorkingSet,
            Controllers = meter.Controllers,
            Writes = meter.Writes,
            Events = events,
            IsPaused = term?.IsPaused ?? false,
            Queues = term?.Queues ?? [],
            Informers = term?.Informers ?? [],
            Cluster = term is { IsSettled: true } ? term.Figures() : null,
        };
    }

    private static TimeSpan CpuTime() => OperatingSystem.IsLinux() ? Environment.CpuUsage.TotalTime : TimeSpan.Zero;

    private static EventCounts Sum(EventCounts one, EventCounts other) =>
        new(one.Recorded + other.Recorded, one.Written + other.Written, one.Aggregated + other.Aggregated, one.Dropped + other.Dropped);
}
