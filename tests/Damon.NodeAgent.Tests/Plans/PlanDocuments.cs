using System.Text;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Plans;

/// <summary>Objects as the API server gives them.</summary>
internal static class PlanDocuments
{
    public const string Cold = """{"mode":"Enforce","action":{"type":"Pageout"},"target":{"podSelector":{"matchLabels":{"app":"x"}}},"quota":{"size":"8Mi"}}""";

    public static byte[] Node(string mode, params string[] schemes) => Encoding.UTF8.GetBytes(
        $$$"""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode","metadata":{"name":"n1","generation":7},"spec":{"mode":"{{{mode}}}","schemes":[{{{string.Join(',', schemes)}}}]}}""");

    public static string Scheme(string name, string spec = Cold, int rank = 1, string createdAt = "1970-01-01T00:00:00Z", string extra = "") =>
        new PlanEntry(name, spec + extra) { Generation = 3, Rank = rank, CreatedAt = createdAt }.Json;

    public static byte[] Config(string spec) => Encoding.UTF8.GetBytes(
        $$$"""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{{{spec}}}}""");
}
