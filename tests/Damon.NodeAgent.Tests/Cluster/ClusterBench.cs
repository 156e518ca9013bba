using System.Text;
using System.Text.Json.Nodes;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Requests;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Tests.Plans;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.NodeAgent.Tests.Cluster;

/// <summary>A fake API server with what a cluster has for the node n1, and a feed of it on virtual time.</summary>
internal sealed class ClusterBench : IDisposable
{
    public const string NodeName = "n1";

    public static readonly FakeKind Plans = FakeKind.DamonNodes;
    public static readonly FakeKind Configs = FakeKind.DamonClusterConfigs;
    public static readonly FakeKind Namespaces = FakeKind.Namespaces;
    public static readonly FakeKind Nodes = FakeKind.Nodes;

    private readonly CancellationTokenSource _stop = new();
    private Task? _running;

    public ClusterBench(VirtualLoop loop, StoredPlan? stored = null)
    {
        Loop = loop;
        Server = new FakeApiServer(loop, Plans, Configs, Namespaces, Nodes, FakeKind.Pods, FakeKind.Events);
        Intake = new PlanIntake(loop, NodeName);
        if (stored is not null)
        {
            Intake.Restore(stored);
        }

        Sink = new RecordingSink(Intake);
        Client = ClientOf(Server, loop);
        Feed = new ClusterFeed(Client, NodeName, Sink, loop, seed: 1);
    }

    public VirtualLoop Loop { get; }

    public FakeApiServer Server { get; }

    public ApiClient Client { get; }

    public PlanIntake Intake { get; }

    public RecordingSink Sink { get; }

    public ClusterFeed Feed { get; }

    public static ApiClient ClientOf(HttpMessageHandler server, TimeProvider time) =>
        new(new ApiConnection(new Uri("http://fake.test"), new HttpMessageInvoker(server, disposeHandler: false)), new ApiClientOptions(), time);

    public void PutPlan(string mode, params string[] schemes) => Server.Put(Plans, Encoding.UTF8.GetString(PlanDocuments.Node(mode, schemes)));

    public void PutConfig(string spec) => Server.Put(Configs, Encoding.UTF8.GetString(PlanDocuments.Config(spec)));

    public void PutNamespace(string name, string labels = "") => Server.Put(Namespaces, $$$"""{"metadata":{"name":"{{{name}}}","labels":{ {{{labels}}} } } }""");

    public void PutPod(string name, string ns = "shop", string node = NodeName) =>
        Server.Put(FakeKind.Pods, $$$"""{"metadata":{"name":"{{{name}}}","namespace":"{{{ns}}}"},"spec":{"nodeName":"{{{node}}}","containers":[{"name":"main"}]}}""");

    /// <summary>What a cluster has before anything happens: an enforcing plan with one scheme, a configuration that allows it, two pods.</summary>
    public ClusterBench Populate()
    {
        PutPlan("Enforce", PlanDocuments.Scheme("cold"));
        PutConfig("""{"mode":"Enforce"}""");
        PutNamespace("shop", "\"team\":\"batch\"");
        PutPod("a");
        PutPod("b");
        PutPod("elsewhere", node: "n2");
        return this;
    }

    public void Start() => _running = Feed.RunAsync(_stop.Token);

    /// <summary>Starts, and lets what is known be told.</summary>
    public async Task<ClusterBench> StartedAsync()
    {
        Start();
        await Loop.Pass(TimeSpan.FromSeconds(2));
        return this;
    }

    public async Task StopAsync()
    {
        _stop.Cancel();
        await _running!;
    }

    /// <summary>How the plan's one scheme goes now.</summary>
    public ModeDecision Mode() => Intake.ModeOf(Intake.Plan.Schemes.Single());

    public JsonNode? Status() => Server.Objects(Plans).SingleOrDefault(plan => (string?)plan["metadata"]!["name"] == NodeName)?["status"];

    public void Dispose() => _stop.Dispose();
}
