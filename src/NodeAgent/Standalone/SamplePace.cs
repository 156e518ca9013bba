using Damon.Engine.Monitoring;

namespace Damon.NodeAgent.Standalone;

/// <summary>Brings a session's sample interval to what its cost allows.</summary>
internal static class SamplePace
{
    /// <summary>Follows a wanted sample interval.</summary>
    /// <param name="session">Between two sample intervals.</param>
    /// <param name="wanted">The least that the ceilings allow.</param>
    /// <param name="aggregated">Whether an aggregation has just ended.</param>
    /// <remarks>
    /// A change of interval drops the counts of an unfinished aggregation. Small changes therefore wait for its end; a cost far above the ceiling does not. Where a goal tunes the intervals, what the ceiling
    /// asks for is the least it may choose, and it alone shortens them.
    /// </remarks>
    public static void Follow(MonitoringSession session, TimeSpan wanted, bool aggregated)
    {
        var current = session.Intervals.Sample;
        var isTuned = session.Plan.IntervalsGoal is not null;
        session.SampleFloor = isTuned ? wanted : TimeSpan.Zero;
        if (wanted > current * 2 || (aggregated && (wanted > current || (!isTuned && wanted < current * 0.8))))
        {
            session.ChangeIntervals(session.Plan.Intervals.WithSample(wanted));
        }
    }
}
