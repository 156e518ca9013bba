using Damon.Engine.Monitoring;

namespace Damon.Engine.Recordings;

/// <summary>What was found in one aggregation, before schemes were applied.</summary>
/// <param name="Time">Sampled time since its segment began; never goes back within a segment.</param>
/// <param name="Intervals">The intervals in force.</param>
/// <param name="Targets">Every target that was monitored; each number once.</param>
public sealed record RecordedSnapshot(TimeSpan Time, MonitoringIntervals Intervals, IReadOnlyList<RecordedTarget> Targets);
