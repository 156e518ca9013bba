namespace Damon.Operator.Tests.Cluster;

/// <summary>Specs of schemes.</summary>
internal static class Specs
{
    public const string Observe = """{"target":{"podSelector":{}},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"2m"}},"action":{"type":"Pageout"},"quota":{"size":"8Mi"}}""";

    /// <summary>Acts, without a canary's time and in one step: what is left is the order of writes.</summary>
    public const string Enforce =
        """
        {"mode":"Enforce","target":{"podSelector":{},"all":true},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"2m"}},"action":{"type":"Pageout"},"quota":{"size":"8Mi"},
         "rollout":{"canary":{"percent":"5%","soak":"0s"},"steps":["100%"],"maxConcurrentNodes":"100%"}}
        """;

    /// <summary>Acts, by the default rollout.</summary>
    public const string Careful =
        """{"mode":"Enforce","target":{"podSelector":{},"all":true},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"2m"}},"action":{"type":"Pageout"},"quota":{"size":"8Mi"}}""";

    /// <summary>The same with another quota: another version.</summary>
    public static string WithQuota(string spec, string size) => spec.Replace("8Mi", size, StringComparison.Ordinal);
}
