using Damon.Api.Nodes;
using Damon.Engine.Regions;

namespace Damon.NodeAgent.Plans;

/// <summary>
/// Decides when the node's status is written. A thousand agents that wrote whenever something moved would be the API server's largest client, so:
/// a change of state is written, at least <see cref="LeastGap"/> after the last write; figures alone (effect, targets, messages) cause one write each <see cref="MaxFigureAge"/>, at a place in that
/// time that is the node's own: nodes that have written together, because they saw the same change, refresh their figures apart; a changed plan is echoed as late as the plan itself asks for; a trip of a rail is written at once, up to <see cref="TripBurst"/> times in a row. Nothing has changed: nothing is written.
/// Belongs to the agent's one thread.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="chance">Scatters the writes of many nodes that see the same change.</param>
internal sealed class SchemeStatusBook(TimeProvider time, RandomSource chance)
{
    /// <summary>The shortest time between two writes, trips apart.</summary>
    public static readonly TimeSpan LeastGap = TimeSpan.FromSeconds(30);

    /// <summary>How much longer the gap may be, by chance.</summary>
    public static readonly TimeSpan GapJitter = TimeSpan.FromSeconds(15);

    /// <summary>How long a change may wait although nothing was written lately, by chance.</summary>
    public static readonly TimeSpan ChangeJitter = TimeSpan.FromSeconds(5);

    /// <summary>How old figures may get while they differ from what is written, a gap apart.</summary>
    public static readonly TimeSpan MaxFigureAge = TimeSpan.FromMinutes(10);

    /// <summary>The longest wait after a write that failed. Below five minutes, after which a node that has not echoed its plan counts as silent.</summary>
    public static readonly TimeSpan MaxRetryGap = TimeSpan.FromMinutes(4);

    /// <summary>Trips that may be written at once in a row; one more each <see cref="LeastGap"/>.</summary>
    public const int TripBurst = 3;

    private readonly Dictionary<string, (NodeSchemeState State, string Reason, DateTimeOffset Since)> _since = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Status, string Reason, DateTimeOffset Since)> _conditionSince = new(StringComparer.Ordinal);
    private DamonNodeStatus? _current;
    private byte[] _currentState = [];
    private byte[] _currentWhole = [];
    private Dictionary<string, long> _currentTrips = [];

    private DamonNodeStatus? _inFlight;
    private byte[] _inFlightState = [];
    private byte[] _inFlightWhole = [];
    private Dictionary<string, long> _inFlightTrips = [];

    private byte[] _writtenState = [];
    private byte[] _writtenWhole = [];
    private Dictionary<string, long> _writtenTrips = new(StringComparer.Ordinal);

    // Times of writes count from here on the monotonic clock: the time of day may be set back.
    private readonly long _start = time.GetTimestamp();
    private readonly TimeSpan _figurePlace = MaxFigureAge * chance.NextShare();
    private TimeSpan? _lastAttempt;
    private TimeSpan _notBefore;
    private TimeSpan _retryAt;
    private TimeSpan? _changeDue;

    // When the plan's generation that was reported last may be echoed; counted from when it came, whatever becomes of writes meanwhile.
    private TimeSpan _echoDue;
    private long? _reportedGeneration;
    private long? _writtenGeneration;
    private TimeSpan? _tripSince;
    private int _failures;
    private double _tripTokens = TripBurst;
    private TimeSpan _tokensAt;

    /// <summary>How long until the next write is due as things stand, zero or less where it is due; null where nothing is to be written.</summary>
    public TimeSpan? DueIn => DueAt - Now;

    private TimeSpan Now => time.GetElapsedTime(_start);

    private TimeSpan? DueAt
    {
        get
        {
            if (_current is null || _inFlight is not null)
            {
                return null;
            }

            TimeSpan? due = null;
            if (_changeDue is { } change)
            {
                due = Later(change, _notBefore);
            }

            if (_tripSince is { } trip)
            {
                due = Earlier(due, _tripTokens >= 1 ? trip : Later(trip, _notBefore));
            }

            if (!_currentWhole.AsSpan().SequenceEqual(_writtenWhole) && _lastAttempt is { } last)
            {
                due = Earlier(due, Later(NextFigures(last), _notBefore));
            }

            return due is { } at ? Later(at, _retryAt) : null;
        }
    }

    /// <summary>Takes how things are now.</summary>
    /// <param name="report">All of it, every time.</param>
    public void Report(NodeReport report)
    {
        RefillTokens();
        if (_reportedGeneration != report.ObservedGeneration)
        {
            // A later plan that is in more of a hurry takes what waits with it.
            _reportedGeneration = report.ObservedGeneration;
            _echoDue = Now + report.EchoAfter;
            _changeDue = _changeDue is { } waiting ? Earlier(waiting, _echoDue + UpTo(ChangeJitter)) : null;
        }

        _current = StatusOf(report, time.GetUtcNow());
        _currentWhole = DamonNodeStatusWriter.Write(_current);
        _currentState = DamonNodeStatusWriter.Write(StateOf(_current));
        _currentTrips = _current.Schemes.ToDictionary(scheme => scheme.Name, scheme => scheme.Trips, StringComparer.Ordinal);
        Compare();
    }

    /// <summary>Gives the status to write, if one is due. Until <see cref="Written"/> or <see cref="Failed"/> no other is given.</summary>
    /// <returns>The status, or null.</returns>
    public DamonNodeStatus? TakeDue()
    {
        var now = Now;
        RefillTokens();
        if (DueAt is not { } due || due > now)
        {
            return null;
        }

        // A trip that does not wait for its gap costs a token; one that has waited is free.
        if (_tripSince is not null && now < _notBefore)
        {
            _tripTokens--;
        }

        (_inFlight, _inFlightState, _inFlightWhole, _inFlightTrips) = (_current, _currentState, _currentWhole, _currentTrips);
        (_lastAttempt, _changeDue, _tripSince) = (now, null, null);
        _notBefore = now + LeastGap + UpTo(GapJitter);
        return _inFlight;
    }

    /// <summary>The status taken was written.</summary>
    public void Written()
    {
        (_writtenState, _writtenWhole, _writtenTrips) = (_inFlightState, _inFlightWhole, _inFlightTrips);
        _writtenGeneration = _inFlight?.ObservedGeneration;
        (_inFlight, _failures) = (null, 0);
        Compare();
    }

    /// <summary>The status taken was not written. It is tried again, later each time.</summary>
    public void Failed()
    {
        _inFlight = null;
        var gap = LeastGap * Math.Pow(2, Math.Min(_failures++, 3));
        _retryAt = Now + (gap < MaxRetryGap ? gap : MaxRetryGap) + UpTo(GapJitter);
        Compare();
    }

    /// <summary>The object was made anew: nothing of what was written is there. Since when things are as they are stays.</summary>
    public void ForgetWritten()
    {
        (_writtenState, _writtenWhole, _writtenTrips) = ([], [], new(StringComparer.Ordinal));
        (_writtenGeneration, _changeDue) = (null, null);
        if (_current is not null)
        {
            Compare();
        }
    }

    private void Compare()
    {
        if (_inFlight is not null)
        {
            return;
        }

        var now = Now;

        // A change that was taken back before it was told is none.
        _changeDue = _currentState.AsSpan().SequenceEqual(_writtenState) ? null : _changeDue ?? (ToldFrom(now) + UpTo(ChangeJitter));
        _tripSince = _currentTrips.Any(scheme => scheme.Value > _writtenTrips.GetValueOrDefault(scheme.Key)) ? _tripSince ?? now : null;
    }

    /// <summary>What is told for the first time waits for nobody: such agents start one by one, and the plan may have been written long ago.</summary>
    private TimeSpan ToldFrom(TimeSpan now) => _writtenGeneration is { } written && written != _reportedGeneration ? Later(now, _echoDue) : now;

    private DamonNodeStatus StatusOf(NodeReport report, DateTimeOffset now)
    {
        foreach (var gone in _since.Keys.Except(report.Schemes.Select(scheme => scheme.Name), StringComparer.Ordinal).ToList())
        {
            _since.Remove(gone);
        }

        return new DamonNodeStatus
        {
            ObservedGeneration = report.ObservedGeneration,
            AgentVersion = TextOrNull(report.AgentVersion),
            Kernel = TextOrNull(report.Kernel),
            Capabilities = [.. report.Capabilities.OrderBy(capability => capability.Name, StringComparer.Ordinal)],
            Schemes = [.. report.Schemes.OrderBy(scheme => scheme.Name, StringComparer.Ordinal).Select(scheme => StatusOf(scheme, now))],
            Conditions = [.. report.Conditions.OrderBy(condition => condition.Type, StringComparer.Ordinal).Select(condition => ConditionOf(condition, report.ObservedGeneration, now))],
        };
    }

    private NodeSchemeStatus StatusOf(SchemeReport scheme, DateTimeOffset now)
    {
        if (!_since.TryGetValue(scheme.Name, out var known) || known.State != scheme.State || known.Reason != scheme.Reason)
        {
            _since[scheme.Name] = known = (scheme.State, scheme.Reason, now);
        }

        return new NodeSchemeStatus
        {
            Name = scheme.Name,
            AppliedHash = scheme.AppliedHash,
            State = scheme.State,
            Reason = TextOrNull(scheme.Reason),
            Message = TextOrNull(scheme.Message),
            Since = known.Since,
            Targets = scheme.Targets,
            Conflicts = scheme.Conflicts,
            Effect = scheme.Effect,
            Trips = scheme.Trips,
        };
    }

    private ObjectCondition ConditionOf(ConditionReport condition, long? generation, DateTimeOffset now)
    {
        var status = condition.IsTrue switch { true => "True", false => "False", null => "Unknown" };

        // As in Kubernetes: the time is that of the status, a new reason alone does not move it.
        if (!_conditionSince.TryGetValue(condition.Type, out var known) || known.Status != status)
        {
            known.Since = now;
        }

        _conditionSince[condition.Type] = known = (status, condition.Reason, known.Since);
        return new ObjectCondition
        {
            Type = condition.Type,
            Status = status,
            Reason = condition.Reason,
            Message = TextOrNull(condition.Message),
            ObservedGeneration = generation,
            LastTransitionTime = known.Since,
        };
    }

    /// <summary>What counts as state: everything but figures, times and messages. Of conflicts only whether there are any.</summary>
    private static DamonNodeStatus StateOf(DamonNodeStatus status) => status with
    {
        Capabilities = [.. status.Capabilities.Select(capability => capability with { Message = null })],
        Schemes =
        [
            .. status.Schemes.Select(scheme => scheme with
            {
                Message = null,
                Since = default,
                Targets = 0,
                Conflicts = scheme.Conflicts is null ? null : new SchemeConflicts { Containers = 1 },
                Effect = null,
                Trips = 0,
            }),
        ],
        Conditions = [.. status.Conditions.Select(condition => condition with { Message = null, LastTransitionTime = default })],
    };

    private TimeSpan NextFigures(TimeSpan last)
    {
        var sinceDue = (last - _figurePlace).Ticks % MaxFigureAge.Ticks;
        return last + TimeSpan.FromTicks(sinceDue < 0 ? -sinceDue : MaxFigureAge.Ticks - sinceDue);
    }

    private void RefillTokens()
    {
        var now = Now;
        _tripTokens = Math.Min(TripBurst, _tripTokens + ((now - _tokensAt) / LeastGap));
        _tokensAt = now;
    }

    private TimeSpan UpTo(TimeSpan longest) => longest * chance.NextShare();

    private static string? TextOrNull(string text) => text.Length == 0 ? null : text;

    private static TimeSpan Later(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private static TimeSpan Earlier(TimeSpan? left, TimeSpan right) => left is { } given && given < right ? given : right;
}
