using Damon.Engine.Machine;
using Damon.Engine.Monitoring;

namespace Damon.NodeAgent.Metrics;

/// <summary>One monitoring session.</summary>
internal sealed record SessionFigures
{
    /// <summary>Who senses.</summary>
    public required MonitoringBackend Backend { get; init; }

    /// <summary>Address spaces that it watches.</summary>
    public int Targets { get; init; }

    /// <summary>Regions that it tells apart, over all of them.</summary>
    public int Regions { get; init; }

    /// <summary>The intervals in force.</summary>
    public required MonitoringIntervals Intervals { get; init; }

    /// <summary>How long after memory turns idle or busy the session is expected to know it, at the intervals and regions in force.</summary>
    public TimeSpan DetectionLatency { get; init; }
}
