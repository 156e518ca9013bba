namespace Damon.NodeAgent.Metrics;

/// <summary>Which pods a metric is told of.</summary>
internal enum MetricPods
{
    /// <summary>All that are watched; for sums over them.</summary>
    All,

    /// <summary>Those that have series of their own.</summary>
    WithSeries,

    /// <summary>The others.</summary>
    WithoutSeries,
}
