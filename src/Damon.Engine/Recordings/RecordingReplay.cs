using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.Engine.Recordings;

/// <summary>
/// Runs schemes over a recording, through the session that runs them live: the same matching, ranking, budgets and counts; only the memory is recorded. What is
/// alike and what is not is in docs/reference/recording.md.
/// </summary>
public sealed class RecordingReplay : ISessionObserver, IDisposable
{
    /// <summary>A cut costs nothing here: the limit of what is sampled does not bind.</summary>
    private const int MaxRegions = 100_000;

    private readonly RecordingReader _reader;
    private readonly MonitoringPlan _plan;
    private readonly ISessionObserver? _observer;
    private readonly Dictionary<int, Target> _targets = [];
    private readonly HashSet<int> _gone = [];
    private MonitoringSession? _session;
    private double _awaySum;
    private ulong _returnedByEnded;
    private uint _younger;

    /// <summary>Makes a replay; nothing is read yet.</summary>
    /// <param name="reader">The recording, at its beginning.</param>
    /// <param name="plan">The schemes, and the floor. Its intervals and the limits of regions are the recording's.</param>
    /// <param name="observer">Sees what is found and done.</param>
    public RecordingReplay(RecordingReader reader, MonitoringPlan plan, ISessionObserver? observer = null)
    {
        _reader = reader;
        _plan = plan;
        _observer = observer;
    }

    /// <summary>The session; null before the first step.</summary>
    public MonitoringSession? Session => _session;

    /// <summary>Snapshots replayed.</summary>
    public ulong Snapshots { get; private set; }

    /// <summary>Fewest regions of all targets together in a snapshot.</summary>
    public int FewestRegions { get; private set; } = int.MaxValue;

    /// <summary>Most regions of all targets together in a snapshot.</summary>
    public int MostRegions { get; private set; }

    /// <summary>Most bytes of all targets together in a snapshot.</summary>
    public ulong MostBytes { get; private set; }

    /// <summary>Whether some of the recorded ages were started anew by the schemes that ran then.</summary>
    public bool AgesWereReset { get; private set; }

    /// <summary>Bytes that a scheme in Enforce paged out and that were accessed later.</summary>
    public ulong ReturnedBytes => _targets.Values.Aggregate(_returnedByEnded, (sum, target) => sum + target.Memory.ReturnedBytes);

    /// <summary>Bytes out of memory, averaged over the aggregations: those of schemes that act, and the predicted ones of those that observe.</summary>
    public double AverageAwayBytes => _session is { Aggregations: > 0 } ? _awaySum / _session.Aggregations : 0;

    /// <summary>Replays the next snapshot.</summary>
    /// <returns><see cref="RecordingReadOutcome.Snapshot"/> where there was one, else how the recording ends.</returns>
    public RecordingReadOutcome Step()
    {
        var outcome = _reader.Read();
        if (outcome != RecordingReadOutcome.Snapshot)
        {
            return outcome;
        }

        var snapshot = _reader.Snapshot!;
        var segment = _reader.Segment!;
        AgesWereReset |= segment.SchemesResetAges;
        Snapshots++;
        if (_session is null)
        {
            _session = new MonitoringSession(
                _plan with { Intervals = snapshot.Intervals, Limits = new RegionLimits(_plan.Limits.Min, MaxRegions), IntervalsGoal = null },
                new ReportedRegionPolicy(LayOutFound), new RandomSource(0), new ReplayClock(this), this);
        }
        else
        {
            foreach (var target in _targets.Values)
            {
                target.Memory.Regions.Convert(_session.Aggregations, _session.Intervals, snapshot.Intervals);
            }

            _session.ChangeIntervals(snapshot.Intervals);
        }

        FollowTargets(_session, snapshot);
        var regions = 0;
        ulong bytes = 0;
        foreach (var target in snapshot.Targets)
        {
            regions += target.Regions.Length;
            bytes += target.TotalBytes;
        }

        FewestRegions = Math.Min(FewestRegions, regions);
        MostRegions = Math.Max(MostRegions, regions);
        MostBytes = Math.Max(MostBytes, bytes);
        for (var left = segment.Every - 1; left >= 0; left--)
        {
            _younger = (uint)left;
            ReplayAggregation(_session, snapshot);
        }

        return outcome;
    }

    /// <inheritdoc/>
    public void OnAggregated(MonitoringSession session) => _observer?.OnAggregated(session);

    /// <inheritdoc/>
    public void OnSchemesApplied(MonitoringSession session)
    {
        foreach (var target in _targets.Values)
        {
            target.Memory.Regions.NoteActed(target.Session.Regions, session.Aggregations);
            _awaySum += target.Memory.AwayBytes;
        }

        foreach (var scheme in session.Schemes)
        {
            if (scheme.Description.Mode == Schemes.SchemeMode.Observe)
            {
                _awaySum += scheme.OutOfMemoryBytes;
            }
        }

        _observer?.OnSchemesApplied(session);
    }

    /// <inheritdoc/>
    public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes) => _observer?.OnMatched(scheme, target, range, reachableBytes);

    /// <inheritdoc/>
    public void Dispose() => _session?.Dispose();

    private void ReplayAggregation(MonitoringSession session, RecordedSnapshot snapshot)
    {
        foreach (var recorded in snapshot.Targets)
        {
            var target = _targets[recorded.Id];
            target.Memory.Begin(recorded, snapshot.Intervals.SamplesPerAggregation);

            // The aggregation that begins has not aged them yet.
            target.Session.Regions.LayOut(target.Memory.Regions.Rows(_younger + 1, withCounts: false, ActedBy(session)));
        }

        do
        {
            session.BeginSample();
        }
        while (!session.EndSample());
    }

    /// <summary>Makes every table what was found in the aggregation that ends.</summary>
    private void LayOutFound()
    {
        foreach (var target in _targets.Values)
        {
            // Between two aggregations schemes may have acted too; what was accessed has come back before those at the end look.
            target.Memory.Regions.NoteActed(target.Session.Regions, _session!.Aggregations - 1);
            target.Memory.ReturnAccessed();
            target.Session.Regions.LayOut(target.Memory.Regions.Rows(_younger, withCounts: true, ActedBy(_session)));
        }
    }

    private ulong? ActedBy(MonitoringSession session) => _reader.Segment!.SchemesResetAges ? null : session.Aggregations;

    private void FollowTargets(MonitoringSession session, RecordedSnapshot snapshot)
    {
        _gone.Clear();
        _gone.UnionWith(_targets.Keys);
        foreach (var recorded in snapshot.Targets)
        {
            if (!recorded.IsNew)
            {
                _gone.Remove(recorded.Id);
            }
        }

        foreach (var id in _gone)
        {
            session.RemoveTarget(id, "the recording has it no longer");
            _targets.Remove(id, out var target);
            _returnedByEnded += target!.Memory.ReturnedBytes;
        }

        foreach (var recorded in snapshot.Targets)
        {
            if (!_targets.ContainsKey(recorded.Id))
            {
                var memory = new RecordedMemory(recorded.Id);
                memory.Begin(recorded, snapshot.Intervals.SamplesPerAggregation);
                _targets.Add(recorded.Id, new Target(session.AddTarget(recorded.Id, memory, memory), memory));
            }
        }
    }

    private sealed record Target(SessionTarget Session, RecordedMemory Memory);

    /// <summary>Actions take no time in a replay: a limit by time then works with its assumed speed, and every replay is the same.</summary>
    private sealed class ReplayClock(RecordingReplay replay) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => replay._session?.Elapsed.Ticks ?? 0;
    }
}
