using System.Text;
using System.Text.Json.Nodes;
using Damon.Operator.Schemes;
using Damon.Operator.Statuses;
using Damon.Testing;

namespace Damon.Operator.Tests.Simulation;

/// <summary>A cluster with an operator, run by the clock until nothing is left to do.</summary>
internal sealed class SimulatedRun
{
    public const string Enforce = """{"mode":"Enforce","target":{"podSelector":{},"all":true},"action":{"type":"Pageout"},"quota":{"size":"64Mi"}}""";

    public SimulatedRun(int nodes = 0)
    {
        Cluster.PutConfig("""{"mode":"Enforce"}""");
        for (var i = 0; i < nodes; i++)
            Cluster.PutNode(Name(i));
        Operator = new(Cluster);
    }

    public SimulatedCluster Cluster { get; } = new();

    public SimulatedOperator Operator { get; }

    public static string Name(int i) => $"node-{i:000}";

    /// <summary>A spec that enforces, with other settings in front; later ones win.</summary>
    public static string Spec(params string[] settings)
    {
        var spec = (JsonObject)JsonNode.Parse(Enforce)!;
        foreach (var setting in settings)
        {
            foreach (var (name, value) in (JsonObject)JsonNode.Parse($"{{{setting}}}")!)
                spec[name] = value?.DeepClone();
        }

        return spec.ToJsonString();
    }

    /// <summary>Everything that can happen without time passing happens.</summary>
    public void Settle()
    {
        for (var i = 0; i < 100_000; i++)
        {
            Operator.HearAll();
            if (Operator.IsBusy || Operator.NextTimer <= Cluster.Now)
            {
                Operator.Work(0);
                continue;
            }

            var due = Cluster.Names(SimulatedCluster.DamonNodes).Where(Cluster.IsAgentDue).ToList();
            if (due.Count == 0)
                return;
            due.ForEach(Cluster.StepAgent);
        }

        throw new InvalidOperationException("It never settles.");
    }

    /// <summary>Time passes.</summary>
    public void Pass(TimeSpan time)
    {
        var end = Cluster.Now + time;
        for (var i = 0; i < 10_000; i++)
        {
            Settle();
            if (Operator.NextTimer is not { } next || next >= end)
            {
                Cluster.Advance(end - Cluster.Now);
                Settle();
                return;
            }

            Cluster.Advance(next - Cluster.Now);
        }

        throw new InvalidOperationException("Timers without end.");
    }

    public SchemeObject Scheme(string name = "a") => SchemeObjectReader.Read(Cluster.Get(SimulatedCluster.Schemes, name));

    public SchemeStatus Status(string name = "a") => Scheme(name).Status;

    public (string Status, string Reason) Condition(string type, string scheme = "a") => Status(scheme).Condition(type) is { } condition ? (condition.Status, condition.Reason) : ("", "");

    /// <summary>Names of the nodes that act under a scheme, or would if it were not paused.</summary>
    public IReadOnlyList<string> Acting(string scheme = "a") => [.. Cluster.Names(SimulatedCluster.DamonNodes).Where(node => SimulatedCluster.Acts(SimulatedCluster.Entry(Cluster.Object(SimulatedCluster.DamonNodes, node), scheme)))];

    /// <summary>What is left in the end, without times: each plan, and of each scheme where it is and what it says.</summary>
    public string FinalState()
    {
        var text = new StringBuilder();
        foreach (var node in Cluster.Names(SimulatedCluster.DamonNodes))
        {
            var plan = Cluster.Object(SimulatedCluster.DamonNodes, node);
            text.Append(node).Append(' ').Append((string)plan["spec"]!["mode"]!);
            foreach (var entry in plan["spec"]!["schemes"]!.AsArray())
                text.Append(' ').Append((string)entry!["name"]!).Append('=').Append((string)entry["hash"]!).Append('#').Append(PlanEntry.DocumentOf(entry)["rank"]!.GetValue<int>());
            text.AppendLine();
        }

        foreach (var name in Cluster.Names(SimulatedCluster.Schemes))
        {
            var status = Status(name);
            text.Append(name).Append(' ').Append(status.Rollout?.Phase).Append(' ').Append(status.Nodes.Updated).Append('/').Append(status.Nodes.Matched);
            foreach (var condition in status.Conditions)
                text.Append(' ').Append(condition.Type).Append('=').Append(condition.Status).Append(':').Append(condition.Reason);
            text.AppendLine();
        }

        return text.ToString();
    }
}
