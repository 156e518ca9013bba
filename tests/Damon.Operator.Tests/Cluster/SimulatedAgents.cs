using System.Text.Json.Nodes;
using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Kubernetes.Connections;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Cluster;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>The agents of all nodes: each takes its plan up a moment after it changed, and says so as agents do.</summary>
/// <param name="bench">The cluster.</param>
internal sealed class SimulatedAgents(OperatorBench bench)
{
    public const string Name = "agents";

    private readonly Dictionary<string, (long Generation, string Uid)> _echoed = new(StringComparer.Ordinal);

    /// <summary>Sends the agents' requests, which nothing goes wrong with.</summary>
    public ApiClient Client { get; } = new(
        new ApiConnection(new Uri("http://fake.test"), new HttpMessageInvoker(bench.Server, disposeHandler: false), new NamedCredentials(Name)), new ApiClientOptions(), bench.Loop);

    /// <summary>Nodes whose agents say nothing any more.</summary>
    public HashSet<string> Silent { get; } = new(StringComparer.Ordinal);

    /// <summary>What an agent says of a scheme, where that is another thing than that it goes well.</summary>
    public Func<string, NodeScheme, NodeSchemeStatus, NodeSchemeStatus> Says { get; set; } = static (_, _, well) => well;

    /// <summary>How often they look.</summary>
    public TimeSpan LookEvery { get; set; } = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(LookEvery, bench.Loop, cancellation);
                foreach (var node in bench.Server.Objects(FakeKind.DamonNodes))
                    await EchoAsync(node);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    /// <summary>All say what they say now, though no plan has changed.</summary>
    public void SayAnew() => _echoed.Clear();

    private async Task EchoAsync(JsonObject node)
    {
        var name = node["metadata"]!["name"]!.GetValue<string>();
        var generation = node["metadata"]!["generation"]!.GetValue<int>();
        var uid = node["metadata"]!["uid"]!.GetValue<string>();
        if (Silent.Contains(name) || _echoed.GetValueOrDefault(name) == (generation, uid))
            return;
        var read = DamonNodeReader.Read("node.json", System.Text.Encoding.UTF8.GetBytes(node.ToJsonString()));
        read.Errors.Should().BeEmpty("the agent must be able to read every plan");
        var plan = read.Node!.Spec;
        var status = new DamonNodeStatus
        {
            ObservedGeneration = generation,
            AgentVersion = "1.2.3",
            Kernel = "6.12.0",
            Schemes = [.. plan.Schemes.Select(scheme => Says(name, scheme, Well(plan, scheme)))],
            Conditions = [new ObjectCondition { Type = "Ready", Status = "True", Reason = "PlanTakenUp", ObservedGeneration = generation, LastTransitionTime = bench.Loop.GetUtcNow() }],
        };
        var written = await Client.PatchAsync(
            OperatorKinds.Nodes, new ObjectKey(name), PatchKind.Apply, DamonNodeStatusWriter.WriteApply(name, status), "damon-agent", force: true, CancellationToken.None, "status");
        if (written.Succeeded)
            _echoed[name] = (generation, uid);
    }

    private NodeSchemeStatus Well(DamonNodeSpec plan, NodeScheme scheme) => new()
    {
        Name = scheme.Name,
        AppliedHash = scheme.Hash,
        State = scheme.Spec is null ? NodeSchemeState.Unsupported
            : plan.Mode == ClusterMode.Off ? NodeSchemeState.Stopped
            : scheme.Spec.Paused ? NodeSchemeState.Paused
            : scheme.Spec.Mode == SchemeMode.Enforce && plan.Mode == ClusterMode.Enforce ? NodeSchemeState.Active
            : NodeSchemeState.Observing,
        Since = bench.Loop.GetUtcNow(),
        Targets = 3,
    };
}
