namespace Damon.NodeAgent.Metrics;

/// <summary>What a metric's values mean to whoever collects them.</summary>
internal enum MetricType
{
    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A sum that never falls while the agent runs.</summary>
    Counter,
}
