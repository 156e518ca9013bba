namespace Damon.Engine.Monitoring;

/// <summary>What a session knew at a moment: a copy that no later sample changes.</summary>
/// <param name="Elapsed">Sampled time since the session began.</param>
/// <param name="Intervals">The intervals in force.</param>
/// <param name="Targets">The targets that were monitored.</param>
public sealed record SessionSnapshot(TimeSpan Elapsed, MonitoringIntervals Intervals, IReadOnlyList<TargetSnapshot> Targets)
{
    /// <summary>Bytes covered by all regions of all targets: of a snapshot by a pattern, the bytes that match.</summary>
    public ulong TotalBytes => Targets.Aggregate(0UL, (sum, target) => sum + target.TotalBytes);
}
