using Damon.Engine.Regions;

namespace Damon.Engine.Monitoring;

/// <summary>Sees what a session found and did, on the session's thread. Reads and copies; changes nothing and returns quickly.</summary>
public interface ISessionObserver
{
    /// <summary>An aggregation is complete: the targets' regions hold their final counts and ages, and no scheme has acted on them yet.</summary>
    /// <param name="session">The session.</param>
    void OnAggregated(MonitoringSession session);

    /// <summary>The schemes that were due at the end of an aggregation have been applied; the counts have not been reset yet.</summary>
    /// <param name="session">The session.</param>
    void OnSchemesApplied(MonitoringSession session)
    {
    }

    /// <summary>A scheme acted on a range, or in Observe would have.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="target">The target.</param>
    /// <param name="range">The addresses.</param>
    /// <param name="reachableBytes">What the action could reach there, without what was counted before.</param>
    void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes);
}
