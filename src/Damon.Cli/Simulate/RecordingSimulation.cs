using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;
using Damon.Engine.Regions;
using Damon.NodeAgent.Heatmaps;

namespace Damon.Cli.Simulate;

/// <summary>Runs schemes over a recording.</summary>
internal sealed class RecordingSimulation : ISessionObserver, IDisposable
{
    private readonly Dictionary<int, (SessionTarget Target, Heatmap Heatmap)> _heatmaps = [];
    private ulong _largestBytes;

    public RecordingSimulation(RecordingReader reader, MonitoringPlan plan)
    {
        Reader = reader;
        Replay = new RecordingReplay(reader, plan, this);
    }

    public RecordingReader Reader { get; }

    public RecordingReplay Replay { get; }

    /// <summary>How the recording ended; a snapshot where the replay was to end before it.</summary>
    public RecordingReadOutcome End { get; private set; }

    /// <summary>The heatmap of the target that had the most memory.</summary>
    public Heatmap? Heatmap { get; private set; }

    /// <summary>Replays it all, or so much of it.</summary>
    /// <param name="duration">The sampled time after which it ends; nothing for all.</param>
    /// <param name="onStep">Runs after each snapshot.</param>
    /// <param name="cancellation">Ends it.</param>
    public void Run(TimeSpan? duration, Action onStep, CancellationToken cancellation)
    {
        do
        {
            End = Replay.Step();
            onStep();
        }
        while (End == RecordingReadOutcome.Snapshot && !cancellation.IsCancellationRequested && !(duration is { } limit && Replay.Session!.Elapsed >= limit));
    }

    public void OnAggregated(MonitoringSession session)
    {
        for (var i = 0; i < session.Targets.Count; i++)
        {
            var target = session.Targets[i];
            if (!_heatmaps.TryGetValue(target.Id, out var known) || known.Target != target)
            {
                known = (target, new Heatmap(columns: 64, maxRows: 48));
                _heatmaps[target.Id] = known;
            }

            known.Heatmap.Add(target.Regions, session.Intervals.SamplesPerAggregation);
            if (target.Regions.TotalBytes is var bytes && bytes > _largestBytes)
            {
                _largestBytes = bytes;
                Heatmap = known.Heatmap;
            }
        }
    }

    public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
    {
        // The schemes' own counts say all that is shown.
    }

    public void Dispose() => Replay.Dispose();
}
