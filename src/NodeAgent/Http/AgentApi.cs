namespace Damon.NodeAgent.Http;

/// <summary>What clients of the agent's local API have to know.</summary>
public static class AgentApi
{
    /// <summary>The port where nothing else is said.</summary>
    public const int DefaultPort = 9855;

    /// <summary>All figures as one JSON document.</summary>
    public const string SnapshotPath = "/v1/snapshot";

    /// <summary>All figures in Prometheus' text format.</summary>
    public const string MetricsPath = "/metrics";

    /// <summary>Whether the loop turns.</summary>
    public const string HealthPath = "/healthz";

    /// <summary>Whether the node's plan is known.</summary>
    public const string ReadinessPath = "/readyz";

    /// <summary>A pod's heatmap.</summary>
    /// <param name="podNamespace">The pod's namespace.</param>
    /// <param name="podName">The pod's name.</param>
    /// <param name="isJson">As JSON; else drawn with characters.</param>
    public static string HeatmapPath(string podNamespace, string podName, bool isJson) => $"/v1/pods/{podNamespace}/{podName}/{(isJson ? "heatmap.json" : "heatmap")}";
}
