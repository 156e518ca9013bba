using System.Text;
using Damon.Operator.Json;
using Damon.Operator.Model;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;
using Damon.Operator.Schemes;
using Damon.Operator.Tests.Simulation;

namespace Damon.Operator.Tests.Model;

public class LargeClusterTests
{
    private const int Nodes = 5000, Schemes = 10;
    private static readonly DateTimeOffset Now = SimulatedCluster.Start;

    [Fact]
    public void Five_thousand_nodes_with_ten_schemes_each_take_little_memory()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var model = Fill();
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken / 1e6:0.0} MB");
        taken.Should().BeLessThan(40_000_000);
        model.Figures().Nodes.Should().Be(Nodes);
    }

    [Theory]
    [InlineData("Observe", true)]
    [InlineData("Off", false)]
    public void Whoever_switches_off_is_told_at_once(string mode, bool waits)
    {
        var model = new ClusterModel(new());
        model.SetConfig(ClusterRules.Read(Encoding.UTF8.GetBytes($$$"""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{"mode":"{{{mode}}}"}}""")));
        model.SetNode(new NodeFactsReader(new TextPool()).Read("""{"metadata":{"name":"n1","uid":"u1"}}"""u8), Now);
        Encoding.UTF8.GetString(model.DecideNode("n1", Now, echoAfterSeconds: 50).Apply.Span).Contains("\"echoAfterSeconds\":50", StringComparison.Ordinal).Should().Be(waits);
    }

    [Fact]
    public void A_thousand_schemes_that_select_everything_are_planned_sixteen_to_a_node()
    {
        var model = new ClusterModel(new());
        model.SetConfig(ClusterRules.Absent);
        var reader = new NodeFactsReader(new TextPool());
        for (var i = 0; i < 20; i++)
            model.SetNode(reader.Read(Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"n{{{i}}}","uid":"u{{{i}}}"}}""")), Now);
        for (var i = 0; i < 1000; i++)
        {
            model.SetScheme(Scheme(new string('s', 249) + $"{i:0000}", i));
            var decision = model.DecideScheme(new string('s', 249) + $"{i:0000}", Now);
            model.SchemeWritten(decision, "2");
        }

        var apply = model.DecideNode("n3", Now);
        apply.Apply.Length.Should().BeLessThanOrEqualTo(32 * 1024);
        var plan = new DamonNodeRecordReader(new TextPool()).Read(apply.Apply.Span);
        plan.Entries.Should().HaveCount(16);
        apply.Schemes.Should().HaveCount(984, "the others are told that they do not fit");
    }

    private static ClusterModel Fill()
    {
        var model = new ClusterModel(new());
        model.SetConfig(ClusterRules.Read("""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{"mode":"Enforce"}}"""u8));
        var texts = new TextPool();
        var (nodes, pods, records) = (new NodeFactsReader(texts), new AgentPodReader(texts), new DamonNodeRecordReader(texts));
        for (var i = 0; i < Schemes; i++)
        {
            model.SetScheme(Scheme($"scheme-{i}", i));
            model.SchemeWritten(model.DecideScheme($"scheme-{i}", Now), "2");
        }

        for (var i = 0; i < Nodes; i++)
        {
            var name = $"ip-10-0-{i / 256}-{i % 256}.region.compute.internal";
            var labels = string.Join(',', Enumerable.Range(0, 25).Select(label => $"\"example.com/label-{label}\":\"value-{(label < 4 ? i : label)}\""));
            model.SetNode(nodes.Read(Encoding.UTF8.GetBytes(
                $$$$"""{"metadata":{"name":"{{{{name}}}}","uid":"node-{{{{i:x32}}}}","labels":{{{{{labels}}}}}},"status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-10-01T00:00:00Z"}]}}""")), Now);
            model.SetAgentPod(pods.Read(Encoding.UTF8.GetBytes(
                $$$$"""{"metadata":{"namespace":"damon","name":"agent-{{{{i}}}}"},"spec":{"nodeName":"{{{{name}}}}"},"status":{"conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-10-01T00:00:00Z"}]}}""")), Now);
            var plan = System.Text.Json.Nodes.JsonNode.Parse(model.DecideNode(name, Now).Apply.Span)!;
            plan["metadata"]!["uid"] = $"damonnode-{i:x32}";
            plan["metadata"]!["generation"] = 1;
            plan["metadata"]!["resourceVersion"] = $"{i + 100_000}";
            var statuses = string.Join(',', plan["spec"]!["schemes"]!.AsArray().Select(entry =>
                $$$"""{"name":"{{{(string)entry!["name"]!}}}","appliedHash":"{{{(string)entry["hash"]!}}}","state":"Observing","since":"2026-11-01T11:00:00Z","targets":{{{i % 30}}},"effect":{"coldBytes":{{{i * 1000L}}},"advisedBytes":7,"awayBytes":9}}"""));
            plan["status"] = System.Text.Json.Nodes.JsonNode.Parse($$"""{"observedGeneration":1,"agentVersion":"1.0.0","schemes":[{{statuses}}]}""");
            model.SetDamonNode(records.Read(Encoding.UTF8.GetBytes(plan.ToJsonString())), Now);
        }

        return model;
    }

    private static SchemeObject Scheme(string name, int i) => SchemeObjectReader.Read(Encoding.UTF8.GetBytes(
        $$$"""{"metadata":{"name":"{{{name}}}","uid":"scheme-{{{i:x32}}}","generation":1,"resourceVersion":"1","creationTimestamp":"2026-10-01T00:00:00Z","finalizers":["damon.dev/undo"]},"spec":{{{SimulatedRun.Spec($"\"quota\":{{\"size\":\"{i + 1}Mi\"}}")}}}}"""));
}
