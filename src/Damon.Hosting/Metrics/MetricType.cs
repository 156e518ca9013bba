namespace Damon.Hosting.Metrics;

/// <summary>What a metric's values mean to whoever collects them.</summary>
public enum MetricType
{
    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A sum that never falls while the process runs.</summary>
    Counter,

    /// <summary>How many values were at most so large, for several sizes, with their number and their sum.</summary>
    Histogram,
}
