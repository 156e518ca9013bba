using Damon.Engine.Regions;
using Damon.NodeAgent.Metrics;

namespace Damon.NodeAgent.Heatmaps;

/// <summary>
/// The heatmaps of the pods that somebody looks at. Recording begins when one is asked for and ends when nobody asked for a while, and only a few pods can be recorded at once: what it costs the agent
/// has a bound, whatever is asked.
/// </summary>
/// <remarks>
/// <see cref="Ask"/> is for any thread; everything else is for the loop's. The lock guards <see cref="_asked"/> alone, against a request that comes in while the loop publishes or lets go; maps that are
/// still being recorded are the loop's own, and what is published does not change.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class PodHeatmaps(TimeProvider time)
{
    /// <summary>Pods that are recorded at once.</summary>
    public const int MaxPods = 4;

    /// <summary>Address spaces of a pod that are recorded.</summary>
    public const int MaxTargets = 8;

    private const int Columns = 64;
    private const int MaxRows = 48;

    /// <summary>An address space of which nothing was heard for so many aggregations is gone.</summary>
    private const int GoneAfterAggregations = 3;

    private readonly Lock _gate = new();
    private readonly Dictionary<PodName, AskedPod> _asked = [];
    private readonly Dictionary<PodName, Dictionary<int, TargetRecording>> _recordings = [];

    /// <summary>How long a pod is recorded after it was last asked for.</summary>
    public static TimeSpan KeptFor { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Asks for a heatmap.</summary>
    public HeatmapAnswer Ask(PodName pod)
    {
        lock (_gate)
        {
            if (!_asked.TryGetValue(pod, out var asked))
            {
                foreach (var (forgotten, _) in _asked.Where(entry => IsForgotten(entry.Value)).ToArray())
                {
                    _asked.Remove(forgotten);
                }

                if (_asked.Count >= MaxPods)
                {
                    return new HeatmapAnswer(HeatmapAvailability.Busy, null);
                }

                _asked.Add(pod, asked = new AskedPod());
            }

            asked.LastAsked = time.GetTimestamp();
            return new HeatmapAnswer(asked.Published is null ? HeatmapAvailability.Recording : HeatmapAvailability.Ready, asked.Published);
        }
    }

    /// <summary>Whether any pod is to be recorded.</summary>
    public bool IsRecording
    {
        get
        {
            lock (_gate)
            {
                return _asked.Count > 0;
            }
        }
    }

    /// <summary>Whether a pod is to be recorded.</summary>
    public bool IsRecorded(PodName pod)
    {
        lock (_gate)
        {
            return _asked.ContainsKey(pod);
        }
    }

    /// <summary>Adds an aggregation of one address space; of a pod that is not to be recorded nothing is kept.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="target">The number of the address space.</param>
    /// <param name="container">The container's name.</param>
    /// <param name="regions">The regions with their final counts.</param>
    /// <param name="samples">Sample intervals per aggregation.</param>
    /// <param name="aggregation">The aggregation interval in force; where it changes, the map begins anew.</param>
    public void Add(PodName pod, int target, string container, RegionTable regions, uint samples, TimeSpan aggregation)
    {
        if (!IsRecorded(pod))
        {
            return;
        }

        if (!_recordings.TryGetValue(pod, out var targets))
        {
            _recordings.Add(pod, targets = []);
        }

        if (!targets.TryGetValue(target, out var recording) || recording.Container != container || recording.Aggregation != aggregation)
        {
            targets.Remove(target);
            targets[target] = recording = new TargetRecording(container, aggregation, HasRoom(targets) ? new Heatmap(Columns, MaxRows) : null);
        }

        recording.LastAdded = time.GetTimestamp();
        recording.Map?.Add(regions, samples);
    }

    /// <summary>Hands out copies of what was recorded, and lets go of what nobody asks for any more.</summary>
    /// <param name="now">The time of day.</param>
    public void Publish(DateTimeOffset now)
    {
        PodName[] wanted;
        lock (_gate)
        {
            foreach (var (pod, _) in _asked.Where(entry => IsForgotten(entry.Value)).ToArray())
            {
                _asked.Remove(pod);
            }

            wanted = [.. _asked.Keys];
        }

        foreach (var pod in _recordings.Keys.Except(wanted).ToArray())
        {
            _recordings.Remove(pod);
        }

        foreach (var (pod, targets) in _recordings)
        {
            foreach (var (target, _) in targets.Where(entry => time.GetElapsedTime(entry.Value.LastAdded) > GoneAfterAggregations * entry.Value.Aggregation).ToArray())
            {
                targets.Remove(target);
            }

            var copy = new PodHeatmap(
                pod,
                now,
                [.. targets.Where(entry => entry.Value.Map?.Rows.Count > 0).OrderBy(entry => entry.Key).Select(entry => Copy(entry.Key, entry.Value, entry.Value.Map!))],
                targets.Count(entry => entry.Value.Map is null));
            LetOthersIn(targets);
            lock (_gate)
            {
                if (_asked.TryGetValue(pod, out var asked))
                {
                    asked.Published = copy.Targets.Count > 0 ? copy : null;
                }
            }
        }
    }

    /// <summary>Where there is room again, those that had none are forgotten, and begin with their next aggregation.</summary>
    private static void LetOthersIn(Dictionary<int, TargetRecording> targets)
    {
        if (HasRoom(targets))
        {
            foreach (var (target, _) in targets.Where(entry => entry.Value.Map is null).ToArray())
            {
                targets.Remove(target);
            }
        }
    }

    private static bool HasRoom(Dictionary<int, TargetRecording> targets) => targets.Values.Count(recording => recording.Map is not null) < MaxTargets;

    private static TargetHeatmap Copy(int target, TargetRecording recording, Heatmap map) => new(
        target,
        recording.Container,
        recording.Aggregation * map.AggregationsPerRow,
        map.BytesPerColumn,
        [.. map.Axis],
        [.. map.Rows.Select(row => row.ToArray())]);

    private bool IsForgotten(AskedPod asked) => time.GetElapsedTime(asked.LastAsked) > KeptFor;

    private sealed class AskedPod
    {
        public long LastAsked { get; set; }

        public PodHeatmap? Published { get; set; }
    }

    /// <summary>One address space; without a map where the pod has too many.</summary>
    private sealed class TargetRecording(string container, TimeSpan aggregation, Heatmap? map)
    {
        public string Container => container;

        public TimeSpan Aggregation => aggregation;

        public Heatmap? Map => map;

        public long LastAdded { get; set; }
    }
}
