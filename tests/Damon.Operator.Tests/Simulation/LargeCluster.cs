using System.Text;
using System.Text.Json.Nodes;
using Damon.Operator.Json;
using Damon.Operator.Model;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;
using Damon.Operator.Schemes;

namespace Damon.Operator.Tests.Simulation;

/// <summary>A model of thousands of nodes that all observe every scheme.</summary>
public static class LargeCluster
{
    public static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private const string Spec = """{"mode":"Enforce","target":{"podSelector":{},"all":true},"action":{"type":"Pageout"},"quota":{"size":"QUOTAMi"}}""";

    public static string NodeName(int i) => $"ip-10-0-{i / 256}-{i % 256}.region.compute.internal";

    public static SchemeObject Scheme(string name, int i) => SchemeObjectReader.Read(Encoding.UTF8.GetBytes(
        $$$"""{"metadata":{"name":"{{{name}}}","uid":"scheme-{{{i:x32}}}","generation":1,"resourceVersion":"1","creationTimestamp":"2026-10-01T00:00:00Z","finalizers":["damon.dev/undo"]},"spec":{{{Spec.Replace("QUOTA", $"{i + 1}", StringComparison.Ordinal)}}}}"""));

    /// <summary>Fills a model.</summary>
    /// <param name="nodeCount">How many nodes.</param>
    /// <param name="schemeCount">How many schemes, at most 16.</param>
    /// <param name="onNode">Gets each DamonNode as the server would send it.</param>
    public static ClusterModel Fill(int nodeCount, int schemeCount, Action<string, byte[]>? onNode = null)
    {
        var model = new ClusterModel(new());
        model.SetConfig(ClusterRules.Read("""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{"mode":"Enforce"}}"""u8));
        var texts = new TextPool();
        var (nodes, pods, records) = (new NodeFactsReader(texts), new AgentPodReader(texts), new DamonNodeRecordReader(texts));
        for (var i = 0; i < schemeCount; i++)
        {
            model.SetScheme(Scheme($"scheme-{i}", i));
            model.SchemeWritten(model.DecideScheme($"scheme-{i}", Now), "2");
        }

        for (var i = 0; i < nodeCount; i++)
        {
            var name = NodeName(i);
            var labels = string.Join(',', Enumerable.Range(0, 25).Select(label => $"\"example.com/label-{label}\":\"value-{(label < 4 ? i : label)}\""));
            model.SetNode(nodes.Read(Encoding.UTF8.GetBytes(
                $$$$"""{"metadata":{"name":"{{{{name}}}}","uid":"node-{{{{i:x32}}}}","labels":{{{{{labels}}}}}},"status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-10-01T00:00:00Z"}]}}""")), Now);
            model.SetAgentPod(pods.Read(Encoding.UTF8.GetBytes(
                $$$$"""{"metadata":{"namespace":"damon","name":"agent-{{{{i}}}}"},"spec":{"nodeName":"{{{{name}}}}"},"status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-10-01T00:00:00Z"}]}}""")), Now);
            var damonNode = Echoed(model.DecideNode(name, Now).Apply, i);
            onNode?.Invoke(name, damonNode);
            model.SetDamonNode(records.Read(damonNode), Now);
        }

        return model;
    }

    private static byte[] Echoed(ReadOnlyMemory<byte> apply, int i)
    {
        var plan = JsonNode.Parse(apply.Span)!;
        plan["metadata"]!["uid"] = $"damonnode-{i:x32}";
        plan["metadata"]!["generation"] = 1;
        plan["metadata"]!["resourceVersion"] = $"{i + 100_000}";
        var statuses = string.Join(',', plan["spec"]!["schemes"]!.AsArray().Select(entry =>
            $$$"""{"name":"{{{(string)entry!["name"]!}}}","appliedHash":"{{{(string)entry["hash"]!}}}","state":"Observing","since":"2026-11-01T11:00:00Z","targets":{{{i % 30}}},"effect":{"coldBytes":{{{i * 1000L}}},"advisedBytes":7,"awayBytes":9}}"""));
        plan["status"] = JsonNode.Parse($$"""{"observedGeneration":1,"agentVersion":"1.0.0","schemes":[{{statuses}}]}""");
        return Encoding.UTF8.GetBytes(plan.ToJsonString());
    }
}
