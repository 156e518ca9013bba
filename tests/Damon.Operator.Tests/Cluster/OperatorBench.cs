using System.Text.Json.Nodes;
using Damon.Api.Clusters;
using Damon.Api.Manifests;
using Damon.Operator.Cluster;
using Damon.Operator.Hosting;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Operator.Tests.Cluster;

/// <summary>A cluster on virtual time: a fake API server with nodes, agents that answer, and as many operators as a test starts. Every request must be allowed by the operator's roles.</summary>
internal sealed class OperatorBench : IDisposable
{
    public const string Namespace = "damon-system";
    public const string LeaseName = "damon-operator";

    /// <summary>Who runs the verb of that name, with rights of its own.</summary>
    public const string Uninstall = "uninstall";

    /// <summary>The same of the verb that looks whether an installation works.</summary>
    public const string Check = "check";

    /// <summary>Pods whose status is written with the rest: nobody here is a kubelet.</summary>
    public static readonly FakeKind Pods = FakeKind.Pods with { HasStatus = false };

    private static readonly IReadOnlyList<string> DefinitionFiles = ["damonschemes", "damonnodes", "damonclusterconfigs"];

    private readonly CancellationTokenSource _stop = new();
    private readonly List<OperatorHandle> _operators = [];
    private readonly RbacRules _rules = RbacRules.Read("deploy/rbac/operator.yaml");
    private readonly Dictionary<string, RbacRules> _rulesOfVerbs = new(StringComparer.Ordinal) { [Uninstall] = RbacRules.Read("deploy/rbac/uninstall.yaml"), [Check] = RbacRules.Read("deploy/rbac/check.yaml") };
    private readonly List<string> _forbidden = [];
    private Task _agents = Task.CompletedTask;

    private OperatorBench(VirtualLoop loop, FakeKind? damonNodes)
    {
        Loop = loop;
        DamonNodes = damonNodes ?? FakeKind.DamonNodes;
        Server = new FakeApiServer(
            loop, FakeKind.DamonSchemes, DamonNodes, FakeKind.DamonClusterConfigs, FakeKind.Nodes, Pods, FakeKind.Leases, FakeKind.Events, FakeKind.Definitions)
        {
            Faults = Judge,
        };
        Agents = new SimulatedAgents(this);
        foreach (var file in DefinitionFiles)
            Server.Put(FakeKind.Definitions, Definition(file));
    }

    public VirtualLoop Loop { get; }

    public FakeKind DamonNodes { get; }

    public FakeApiServer Server { get; }

    public SimulatedAgents Agents { get; }

    /// <summary>Asked for each request of an operator what goes wrong with it.</summary>
    public Func<FakeRequest, FakeFault?> Faults { get; set; } = static _ => null;

    public TermSettings Settings { get; set; } = new()
    {
        Identity = "test",
        AgentNamespace = Namespace,
        AgentSelector = "app.kubernetes.io/name=damon-agent",
        FirstConfig = FirstConfig.Read(file: null, "", ClusterMode.Enforce, out _)!.Json,
        FirstMode = ClusterMode.Enforce,
    };

    /// <summary>Requests of operators.</summary>
    public IEnumerable<FakeRequest> Requests => Server.Requests.Where(request => request.Authorization is { } name && name is not SimulatedAgents.Name and not Uninstall and not Check);

    /// <summary>Requests of operators that change something, the lease aside.</summary>
    public IEnumerable<FakeRequest> Writes => Requests.Where(request => request.IsWrite && request.Plural != "leases");

    /// <summary>Runs a test, and ends what it has started.</summary>
    public static void Run(Func<OperatorBench, Task> body, FakeKind? damonNodes = null) => VirtualLoop.Run(async loop =>
    {
        using var bench = new OperatorBench(loop, damonNodes);
        await body(bench);
        bench.Faults = static _ => null;
        bench._stop.Cancel();
        await bench._agents;
        bench._forbidden.Should().BeEmpty("the operator's roles must allow what it does");
    });

    /// <summary>A definition as the server has it.</summary>
    public static JsonObject Definition(string plural)
    {
        var read = ManifestReader.Read($"{plural}.yaml", RepositoryFiles.Bytes($"deploy/crds/{plural}.yaml"));
        return (JsonObject)FirstConfig.NodeOf(read.Documents.Single())!;
    }

    /// <summary>Nodes that are ready, each with a ready agent.</summary>
    public OperatorBench WithNodes(int count)
    {
        for (var number = 0; number < count; number++)
            AddNode($"n{number:0000}");
        return this;
    }

    public void AddNode(string name, string labels = "")
    {
        PutNode(name, isReady: true, labels);
        PutAgent(name, isReady: true);
    }

    public void PutNode(string name, bool isReady, string labels = "") => Server.Put(
        FakeKind.Nodes,
        $$$"""
        {"metadata":{"name":"{{{name}}}","labels":{"kubernetes.io/hostname":"{{{name}}}"{{{(labels.Length > 0 ? "," + labels : "")}}} } },
         "spec":{"podCIDR":"10.0.0.0/24"},
         "status":{"images":[{"names":["a","b"],"sizeBytes":5}],"conditions":[
           {"type":"MemoryPressure","status":"False","lastTransitionTime":"2029-12-31T00:00:00Z"},
           {"type":"Ready","status":"{{{(isReady ? "True" : "Unknown")}}}","lastHeartbeatTime":"{{{Now}}}","lastTransitionTime":"{{{(isReady ? "2029-12-31T00:00:00Z" : Now)}}}"}]}}
        """);

    public void PutAgent(string node, bool isReady) => Server.Put(
        Pods,
        $$$"""
        {"metadata":{"name":"damon-agent-{{{node}}}","namespace":"{{{Namespace}}}","labels":{"app.kubernetes.io/name":"damon-agent"}},
         "spec":{"nodeName":"{{{node}}}","containers":[{"name":"agent"}]},
         "status":{"conditions":[{"type":"Ready","status":"{{{(isReady ? "True" : "False")}}}","lastTransitionTime":"{{{(isReady ? "2029-12-31T00:00:00Z" : Now)}}}"}]}}
        """);

    public void RemoveNode(string name)
    {
        Server.Delete(FakeKind.Nodes, "", name);
        Server.Delete(Pods, Namespace, $"damon-agent-{name}");
        // What the garbage collector of a real cluster does.
        if (DamonNode(name) is not null)
            Server.Delete(DamonNodes, "", name);
    }

    public void PutScheme(string name, string spec = Specs.Observe, string metadata = "") =>
        Server.Put(FakeKind.DamonSchemes, $$$"""{"metadata":{"name":"{{{name}}}"{{{(metadata.Length > 0 ? "," + metadata : "")}}} },"spec":{{{spec}}} }""");

    /// <summary>Puts another spec in place of a scheme's.</summary>
    public void ChangeScheme(string name, string spec)
    {
        var scheme = Scheme(name)!;
        scheme["spec"] = JsonNode.Parse(spec);
        Server.Put(FakeKind.DamonSchemes, scheme);
    }

    public void PutConfig(string mode, string annotations = "") => Server.Put(
        FakeKind.DamonClusterConfigs, $$$"""{"metadata":{"name":"cluster","annotations":{ {{{annotations}}} } },"spec":{"mode":"{{{mode}}}"} }""");

    public JsonObject? Scheme(string name) => Server.Objects(FakeKind.DamonSchemes).SingleOrDefault(scheme => NameOf(scheme) == name);

    public JsonObject? DamonNode(string name) => Server.Objects(DamonNodes).SingleOrDefault(node => NameOf(node) == name);

    public JsonObject? Config() => Server.Objects(FakeKind.DamonClusterConfigs).SingleOrDefault();

    public JsonObject? Condition(string scheme, string type) =>
        (Scheme(scheme)?["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>().SingleOrDefault(condition => condition["type"]!.GetValue<string>() == type);

    public string? Ready(string scheme) => Condition(scheme, "Ready")?["status"]?.GetValue<string>();

    public int Count(string scheme, string of) => Scheme(scheme)?["status"]?["nodes"]?[of]?.GetValue<int>() ?? 0;

    /// <summary>The hash of a scheme on each node that has it.</summary>
    public IReadOnlyDictionary<string, string> Hashes(string scheme) => Server.Objects(DamonNodes)
        .Select(node => (Node: NameOf(node), Entry: (node["spec"]?["schemes"] as JsonArray)?.OfType<JsonObject>().SingleOrDefault(entry => entry["name"]!.GetValue<string>() == scheme)))
        .Where(pair => pair.Entry is not null)
        .ToDictionary(pair => pair.Node, pair => pair.Entry!["hash"]!.GetValue<string>());

    public string Holder() => Server.Objects(FakeKind.Leases).SingleOrDefault()?["spec"]?["holderIdentity"]?.GetValue<string>() ?? "";

    /// <summary>Reasons of events, in the order in which they were made, once each.</summary>
    public IReadOnlyList<string> EventReasons() => [.. Server.Objects(FakeKind.Events).OrderBy(one => one["eventTime"]!.GetValue<string>(), StringComparer.Ordinal).Select(one => one["reason"]!.GetValue<string>())];

    public OperatorBench StartAgents()
    {
        _agents = Agents.RunAsync(_stop.Token);
        return this;
    }

    public OperatorHandle Start(string name = "a", TimeSpan skew = default)
    {
        var handle = new OperatorHandle(this, name, skew, Settings, (ulong)_operators.Count + 1);
        _operators.Add(handle);
        return handle;
    }

    /// <summary>Ends all operators as by SIGTERM.</summary>
    public async Task EndAllAsync()
    {
        foreach (var one in _operators)
            await one.EndAsync();
    }

    /// <summary>Lets time pass until something holds.</summary>
    public async Task UntilAsync(Func<bool> holds, TimeSpan within, string what)
    {
        var from = Loop.Elapsed;
        while (!holds())
        {
            (Loop.Elapsed - from).Should().BeLessThan(within, "{0} is due; log: {1}", what, string.Join('\n', _operators.Select(one => one.Log)));
            await Loop.Pass(TimeSpan.FromSeconds(0.5));
        }
    }

    /// <summary>What admins and nodes see in the end: plans and statuses, without what tells when.</summary>
    public string FinalState() => string.Join(
        '\n',
        Server.Objects(DamonNodes).OrderBy(NameOf, StringComparer.Ordinal).Select(node => $"{NameOf(node)} {node["spec"]!.ToJsonString()}")
            .Concat(Server.Objects(FakeKind.DamonSchemes).OrderBy(NameOf, StringComparer.Ordinal).Select(scheme => $"{NameOf(scheme)} {Timeless(scheme)}")));

    /// <summary>The most requests of operators in any second, the lease's aside.</summary>
    public int BusiestSecond(TimeSpan from) => Requests.Where(request => request.Plural != "leases" && request.At >= from)
        .GroupBy(request => (long)request.At.TotalSeconds).Select(second => second.Count()).DefaultIfEmpty(0).Max();

    public void Dispose()
    {
        _operators.ForEach(one => one.Dispose());
        _stop.Dispose();
        Server.Dispose();
    }

    private string Now => Loop.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static string NameOf(JsonObject found) => found["metadata"]!["name"]!.GetValue<string>();

    private static string Timeless(JsonObject scheme)
    {
        var status = (JsonObject)(scheme["status"]?.DeepClone() ?? new JsonObject());
        foreach (var condition in (status["conditions"] as JsonArray ?? []).OfType<JsonObject>())
            condition.Remove("lastTransitionTime");
        (status["rollout"] as JsonObject)?.Remove("since");
        return status.ToJsonString() + (scheme["metadata"]!["finalizers"]?.ToJsonString() ?? "");
    }

    private FakeFault? Judge(FakeRequest request)
    {
        if (request.Authorization is null or SimulatedAgents.Name)
            return null;
        if (!(_rulesOfVerbs.GetValueOrDefault(request.Authorization) ?? _rules).Allows(request))
            _forbidden.Add($"{request.Verb} {request.Group}/{request.Plural}/{request.Subresource} {request.Name} in '{request.Namespace}'");
        return Faults(request);
    }
}
