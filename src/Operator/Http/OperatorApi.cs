namespace Damon.Operator.Http;

/// <summary>What clients of the operator's pages have to know.</summary>
public static class OperatorApi
{
    /// <summary>The port where nothing else is said.</summary>
    public const int DefaultPort = 9856;

    /// <summary>All figures in Prometheus' text format.</summary>
    public const string MetricsPath = "/metrics";

    /// <summary>Whether the process is alive: for a liveness probe.</summary>
    public const string HealthPath = "/healthz";

    /// <summary>Whether it does its part: for a readiness probe.</summary>
    public const string ReadinessPath = "/readyz";
}
