namespace Damon.Hosting.Metrics;

/// <summary>What a metric's values mean to whoever collects them.</summary>
public enum MetricType
{
    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A sum that never falls while the process runs.</summary>
    Counter,
}
