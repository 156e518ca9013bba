using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

public sealed partial class MonitoringSession
{
    /// <summary>Copies what is known of every target now. May be called at any moment on the session's thread, also by an observer.</summary>
    /// <returns>The targets that are monitored; none after the session has ended.</returns>
    public SessionSnapshot TakeSnapshot() => TakeSnapshot(new AccessPattern());

    /// <summary>Copies the regions that match a pattern now, with the thresholds that a scheme of this pattern would have. What DAMON gives as the tried regions of a scheme that only counts.</summary>
    /// <param name="pattern">Which regions; one that nothing can match gives none.</param>
    /// <returns>Every target that is monitored, with its matching regions.</returns>
    public SessionSnapshot TakeSnapshot(AccessPattern pattern)
    {
        var thresholds = PatternThresholds.For(pattern, Samples, Intervals.Aggregation);
        var targets = new TargetSnapshot[_targets.Count];
        var matching = new List<RegionSnapshot>();
        for (var t = 0; t < targets.Length; t++)
        {
            var regions = _targets[t].Regions;
            matching.Clear();
            for (var i = 0; i < regions.Count; i++)
            {
                var region = regions[i];
                var accesses = EstimateOf(regions, i);
                if (thresholds.Match(region.SizeBytes, accesses, region.Age))
                {
                    matching.Add(new RegionSnapshot(region.Range, AccessRate.Of(accesses, Samples), TimeOf(region.Age)));
                }
            }

            targets[t] = new TargetSnapshot(_targets[t].Id, matching.ToArray());
        }

        return new SessionSnapshot(Elapsed, Intervals, targets);
    }

    /// <summary>The access count of the last full window up to now.</summary>
    private uint EstimateOf(RegionTable regions, int index)
    {
        var left = LeftSamples;
        var last = regions.LastAccesses[index];
        var accesses = MovingEstimate.Of(regions.Accesses[index], last, left, Samples);

        // The estimate rounds down. A pattern of "never accessed" must not match, in between, what every aggregation sees accessed.
        return accesses == 0 && left > 0 && last > 0 ? 1 : accesses;
    }

    private TimeSpan TimeOf(uint age) => TimeSpan.FromTicks((long)UInt128.Min(long.MaxValue, (UInt128)age * (ulong)Intervals.Aggregation.Ticks));

    private void NoteTried(SchemeRun scheme, SessionTarget target, int index, AddressRange range, ulong reachableBytes)
    {
        var regions = target.Regions;
        scheme.NoteTried(new TriedRegion(
            target.Id, range, AccessRate.Of(EstimateOf(regions, index), Samples), TimeOf(regions.Ages[index]), reachableBytes));
    }
}
