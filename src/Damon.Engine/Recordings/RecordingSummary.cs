using Damon.Engine.Monitoring;

namespace Damon.Engine.Recordings;

/// <summary>What is in a recording, gathered snapshot by snapshot.</summary>
public sealed class RecordingSummary
{
    private readonly Dictionary<(int Segment, int Id, int Incarnation), TargetSummary> _known = [];
    private readonly Dictionary<int, int> _incarnations = [];
    private readonly List<TargetSummary> _targets = [];
    private readonly List<RecordedSegment> _segments = [];
    private readonly List<ulong> _workingSets = [];
    private TimeSpan _durationBefore;
    private TimeSpan _segmentTime;
    private int _segment;

    /// <summary>The segments, in order.</summary>
    public IReadOnlyList<RecordedSegment> Segments => _segments;

    /// <summary>The targets, in the order of their first snapshot; one that came back in another segment stands again.</summary>
    public IReadOnlyList<TargetSummary> Targets => _targets;

    /// <summary>Snapshots added.</summary>
    public ulong Snapshots { get; private set; }

    /// <summary>Sampled time of all segments.</summary>
    public TimeSpan Duration => _durationBefore + _segmentTime;

    /// <summary>The intervals of the first snapshot; null without snapshots.</summary>
    public MonitoringIntervals? FirstIntervals { get; private set; }

    /// <summary>The intervals of the last snapshot; null without snapshots.</summary>
    public MonitoringIntervals? LastIntervals { get; private set; }

    /// <summary>How often the intervals changed from one snapshot to the next.</summary>
    public ulong IntervalChanges { get; private set; }

    /// <summary>Most regions of all targets together.</summary>
    public int MostRegions { get; private set; }

    /// <summary>Most bytes of all targets together.</summary>
    public ulong MostBytes { get; private set; }

    /// <summary>Adds what a reader has just found.</summary>
    /// <param name="reader">Its latest <see cref="RecordingReader.Read"/> found a snapshot.</param>
    public void Add(RecordingReader reader)
    {
        var snapshot = reader.Snapshot ?? throw new ArgumentException("No snapshot has been read.", nameof(reader));
        while (_segment < reader.Segments)
        {
            _segment++;
            _durationBefore += _segmentTime;
            _segmentTime = TimeSpan.Zero;
        }

        if (_segments.Count == 0 || !ReferenceEquals(_segments[^1], reader.Segment))
        {
            _segments.Add(reader.Segment!);
        }

        Snapshots++;
        _segmentTime = snapshot.Time;
        IntervalChanges += LastIntervals is { } last && last != snapshot.Intervals ? 1UL : 0;
        FirstIntervals ??= snapshot.Intervals;
        LastIntervals = snapshot.Intervals;
        ulong workingSet = 0;
        ulong bytes = 0;
        var regions = 0;
        foreach (var target in snapshot.Targets)
        {
            if (target.IsNew)
            {
                _incarnations[target.Id] = _incarnations.GetValueOrDefault(target.Id) + 1;
            }

            var key = (_segment, target.Id, _incarnations[target.Id]);
            if (!_known.TryGetValue(key, out var summary))
            {
                summary = new TargetSummary(target.Id, target.Name);
                _known.Add(key, summary);
                _targets.Add(summary);
            }

            workingSet += summary.Add(target);
            bytes += target.TotalBytes;
            regions += target.Regions.Length;
        }

        MostBytes = Math.Max(MostBytes, bytes);
        MostRegions = Math.Max(MostRegions, regions);
        _workingSets.Add(workingSet);
    }

    /// <summary>The working set, bytes of regions with any access, that so many percent of the snapshots do not exceed.</summary>
    /// <param name="percent">From 0 (the smallest) to 100 (the largest).</param>
    /// <returns>Bytes; 0 without snapshots.</returns>
    public ulong WorkingSetPercentile(int percent) => TargetSummary.Percentile(_workingSets, percent);
}
