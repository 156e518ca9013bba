using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Damon.Api.Nodes;
using Damon.Operator.Schemes;
using Damon.Testing;

namespace Damon.Operator.Tests.Simulation;

/// <summary>
/// What an API server holds, as far as the operator sees it, and agents that take their plans up when they are told to. Everything happens on the caller's word: there are no threads and no clock of its own.
/// </summary>
internal sealed class SimulatedCluster
{
    public const string Schemes = "schemes", DamonNodes = "damonnodes", Nodes = "nodes", Pods = "pods", Configs = "configs";
    public static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<(string Kind, string Name), JsonObject> _objects = [];
    private readonly Dictionary<(string Node, string Scheme), long> _trips = [];
    private long _version;
    private long _uids;

    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>Objects that changed since an operator last took them, each once.</summary>
    public SortedSet<(string Kind, string Name)> Changes { get; } = [];

    /// <summary>Writes of DamonNodes so far.</summary>
    public int NodeWrites { get; private set; }

    /// <summary>Writes of schemes' statuses so far.</summary>
    public int StatusWrites { get; private set; }

    /// <summary>How an agent finds a scheme that it carries out, in its acting form or not; null is as its form says.</summary>
    public Func<string, string, bool, (NodeSchemeState State, string Reason)?> Health { get; set; } = (_, _, _) => null;

    /// <summary>Containers that a scheme has on a node.</summary>
    public Func<string, string, int> Targets { get; set; } = (_, _) => 3;

    /// <summary>Nodes whose agents take up no plan.</summary>
    public HashSet<string> Silent { get; } = [];

    /// <summary>Called before a DamonNode is written: the node, what it had, what it gets.</summary>
    public Action<string, JsonObject?, JsonObject>? OnPlan { get; set; }

    public IEnumerable<string> Names(string kind) => _objects.Keys.Where(key => key.Kind == kind).Select(key => key.Name).Order(StringComparer.Ordinal);

    public void Advance(TimeSpan time) => Now += time;

    public byte[]? Get(string kind, string name) => _objects.TryGetValue((kind, name), out var found) ? Encoding.UTF8.GetBytes(found.ToJsonString()) : null;

    public JsonObject Object(string kind, string name) => _objects[(kind, name)];

    public void PutNode(string name, bool isReady = true, string labels = "{}", bool hasAgent = true, bool isAgentReady = true)
    {
        var before = _objects.GetValueOrDefault((Nodes, name));
        var node = (JsonObject)JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}","uid":"{{{Uid(before)}}}","labels":{{{labels}}}},"status":{"conditions":[{{{Ready(before, isReady)}}}]}}""")!;
        Store(Nodes, name, node);
        if (!hasAgent)
        {
            Remove(Pods, "agent-" + name);
            return;
        }

        var pod = _objects.GetValueOrDefault((Pods, "agent-" + name));
        Store(Pods, "agent-" + name, (JsonObject)JsonNode.Parse(
            $$$"""{"metadata":{"namespace":"damon","name":"agent-{{{name}}}","uid":"{{{Uid(pod)}}}"},"spec":{"nodeName":"{{{name}}}"},"status":{"conditions":[{{{Ready(pod, isAgentReady)}}}]}}""")!);
    }

    /// <summary>The Node goes, and with it, as the garbage collector sees to, its DamonNode and the agent's pod.</summary>
    public void RemoveNode(string name)
    {
        Remove(Nodes, name);
        Remove(Pods, "agent-" + name);
        Remove(DamonNodes, name);
    }

    public void PutConfig(string spec) => Store(Configs, "cluster", (JsonObject)JsonNode.Parse($$$"""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{{{spec}}}}""")!);

    public void PutScheme(string name, string spec)
    {
        var before = _objects.GetValueOrDefault((Schemes, name));
        var scheme = before is null
            ? (JsonObject)JsonNode.Parse($$$"""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonScheme","metadata":{"name":"{{{name}}}","uid":"uid-of-{{{name}}}","creationTimestamp":"{{{Time(Now)}}}","generation":0}}""")!
            : (JsonObject)before.DeepClone();
        var wanted = JsonNode.Parse(spec)!;
        if (JsonNode.DeepEquals(scheme["spec"], wanted))
            return;
        scheme["spec"] = wanted;
        scheme["metadata"]!["generation"] = scheme["metadata"]!["generation"]!.GetValue<long>() + 1;
        Store(Schemes, name, scheme);
    }

    public void Annotate(string scheme, string name, string value)
    {
        var changed = (JsonObject)_objects[(Schemes, scheme)].DeepClone();
        var annotations = changed["metadata"]!["annotations"] as JsonObject ?? [];
        annotations[name] = value;
        changed["metadata"]!["annotations"] = annotations.DeepClone();
        Store(Schemes, scheme, changed);
    }

    public void DeleteScheme(string name)
    {
        var scheme = (JsonObject)_objects[(Schemes, name)].DeepClone();
        if (scheme["metadata"]!["finalizers"] is not JsonArray { Count: > 0 })
        {
            Remove(Schemes, name);
            return;
        }

        scheme["metadata"]!["deletionTimestamp"] ??= Time(Now);
        Store(Schemes, name, scheme);
    }

    /// <summary>Server-side apply of a status, against a resourceVersion.</summary>
    public bool TryApplyStatus(ReadOnlyMemory<byte> apply, out string version)
    {
        var sent = (JsonObject)JsonNode.Parse(apply.Span)!;
        var name = (string)sent["metadata"]!["name"]!;
        version = "";
        if (!_objects.TryGetValue((Schemes, name), out var scheme) || (string)scheme["metadata"]!["resourceVersion"]! != (string)sent["metadata"]!["resourceVersion"]!)
            return false;
        scheme = (JsonObject)scheme.DeepClone();
        scheme["status"] = sent["status"]!.DeepClone();
        Store(Schemes, name, scheme);
        StatusWrites++;
        version = (string)scheme["metadata"]!["resourceVersion"]!;
        return true;
    }

    public bool TryPatchFinalizers(string name, ReadOnlyMemory<byte> patch)
    {
        var sent = (JsonObject)JsonNode.Parse(patch.Span)!;
        if (!_objects.TryGetValue((Schemes, name), out var scheme) || (string)scheme["metadata"]!["resourceVersion"]! != (string)sent["metadata"]!["resourceVersion"]!)
            return false;
        scheme = (JsonObject)scheme.DeepClone();
        scheme["metadata"]!["finalizers"] = sent["metadata"]!["finalizers"]!.DeepClone();
        if (scheme["metadata"]!["deletionTimestamp"] is not null && scheme["metadata"]!["finalizers"]!.AsArray().Count == 0)
            Remove(Schemes, name);
        else
            Store(Schemes, name, scheme);
        return true;
    }

    /// <summary>Server-side apply of a DamonNode.</summary>
    /// <returns>The answer; null where the object that it names by its uid is not there.</returns>
    public byte[]? TryApplyNode(ReadOnlyMemory<byte> apply)
    {
        var sent = (JsonObject)JsonNode.Parse(apply.Span)!;
        var name = (string)sent["metadata"]!["name"]!;
        var before = _objects.GetValueOrDefault((DamonNodes, name));
        if ((string?)sent["metadata"]!["uid"] is { } uid && uid != (string?)before?["metadata"]!["uid"])
            return null;
        OnPlan?.Invoke(name, before, sent);
        var isOtherSpec = before is null || !JsonNode.DeepEquals(before["spec"], sent["spec"]);
        var node = (JsonObject)sent.DeepClone();
        node["metadata"]!["uid"] = Uid(before);
        node["metadata"]!["generation"] = (before?["metadata"]!["generation"]!.GetValue<long>() ?? 0) + (isOtherSpec ? 1 : 0);
        if (before?["status"] is { } status)
            node["status"] = status.DeepClone();
        Store(DamonNodes, name, node);
        NodeWrites++;
        return Get(DamonNodes, name)!;
    }

    public void DeleteNode(string name, string uid)
    {
        if (_objects.TryGetValue((DamonNodes, name), out var node) && (string)node["metadata"]!["uid"]! == uid)
            Remove(DamonNodes, name);
    }

    /// <summary>Whether an agent has something to say.</summary>
    public bool IsAgentDue(string node) => !Silent.Contains(node) && _objects.TryGetValue((DamonNodes, node), out var plan) && !JsonNode.DeepEquals(plan["status"], StatusOf(node, plan)) && AgentIsReady(node);

    /// <summary>An agent looks at its plan and writes its status.</summary>
    public void StepAgent(string node)
    {
        if (!IsAgentDue(node))
            return;
        var plan = (JsonObject)_objects[(DamonNodes, node)].DeepClone();
        plan["status"] = StatusOf(node, plan);
        Store(DamonNodes, node, plan);
    }

    public void Trip(string node, string scheme) => _trips[(node, scheme)] = _trips.GetValueOrDefault((node, scheme)) + 1;

    public void RestartAgent(string node)
    {
        foreach (var key in _trips.Keys.Where(key => key.Node == node).ToList())
            _trips.Remove(key);
    }

    private JsonObject StatusOf(string node, JsonObject plan)
    {
        var mode = (string)plan["spec"]!["mode"]!;
        var schemes = new JsonArray();
        foreach (var entry in plan["spec"]!["schemes"]!.AsArray())
        {
            var (name, hash) = ((string)entry!["name"]!, (string)entry["hash"]!);
            var spec = PlanEntry.SpecOf(entry);
            var acts = (string?)spec["mode"] == "Enforce";
            var isPaused = spec["paused"] is { } paused && paused.GetValue<bool>();
            var (state, reason) = mode == "Off" ? (NodeSchemeState.Stopped, "NodeOff")
                : isPaused ? (NodeSchemeState.Paused, "Paused")
                : Health(node, hash, acts) ?? (acts && mode == "Enforce" ? (NodeSchemeState.Active, "") : (NodeSchemeState.Observing, ""));
            var status = new JsonObject { ["name"] = name, ["appliedHash"] = hash, ["state"] = state.ToString(), ["since"] = Time(Start), ["targets"] = Targets(node, name) };
            if (reason.Length > 0)
                status["reason"] = reason;
            if (_trips.GetValueOrDefault((node, name)) is > 0 and var trips)
                status["trips"] = trips;
            schemes.Add(status);
        }

        return new JsonObject { ["observedGeneration"] = plan["metadata"]!["generation"]!.GetValue<long>(), ["agentVersion"] = "1.0.0", ["schemes"] = schemes };
    }

    private bool AgentIsReady(string node) => _objects.TryGetValue((Pods, "agent-" + node), out var pod) && (string)pod["status"]!["conditions"]![0]!["status"]! == "True";

    private string Ready(JsonObject? before, bool isReady)
    {
        var status = isReady ? "True" : "False";
        var known = before?["status"]!["conditions"]![0];
        var since = (string?)known?["status"] == status ? (string)known!["lastTransitionTime"]! : Time(Now);
        return $$$"""{"type":"Ready","status":"{{{status}}}","lastTransitionTime":"{{{since}}}"}""";
    }

    private string Uid(JsonObject? before) => (string?)before?["metadata"]!["uid"] ?? NewUid();

    private string NewUid() => string.Create(CultureInfo.InvariantCulture, $"uid-{++_uids:x8}");

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private void Store(string kind, string name, JsonObject value)
    {
        value["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _objects[(kind, name)] = value;
        Changes.Add((kind, name));
    }

    private void Remove(string kind, string name)
    {
        if (_objects.Remove((kind, name)))
            Changes.Add((kind, name));
    }

    /// <summary>The entry of a scheme in a node's plan; null where there is none.</summary>
    public static JsonObject? Entry(JsonObject? node, string scheme) => node?["spec"]?["schemes"]?.AsArray().OfType<JsonObject>().FirstOrDefault(entry => (string)entry["name"]! == scheme);

    /// <summary>Whether a node acts, or would if it were not paused, under an entry.</summary>
    public static bool Acts(JsonObject? entry) => entry is not null && VersionHash.TryParse((string)entry["hash"]!, out var hash) && hash.Form.Acts;
}
