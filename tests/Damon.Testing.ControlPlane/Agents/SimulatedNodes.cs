using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;

namespace Damon.Testing.ControlPlane.Agents;

/// <summary>Nodes with an agent's pod each, as the API server has them: ready, of the size that they have in a cluster. Kubelets' heartbeats can be played.</summary>
/// <param name="client">Sends the requests.</param>
/// <param name="options">Which.</param>
public sealed class SimulatedNodes(ApiClient client, SimulatedNodesOptions options)
{
    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly string _started = Now();

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(0, options.Count).Select(options.NameOf)];

    /// <summary>Makes them all.</summary>
    /// <param name="made">Hears of each.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task CreateAsync(Action? made, CancellationToken cancellation)
    {
        await CreateAsync(ResourceKind.Namespaces, "", $$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{options.Namespace}}"} }""", cancellation);
        await ForEachAsync(async (number, token) =>
        {
            await CreateNodeAsync(number, token);
            await CreatePodAsync(number, token);
            made?.Invoke();
        }, cancellation);
    }

    /// <summary>Makes one.</summary>
    public Task CreateNodeAsync(int number, CancellationToken cancellation)
    {
        var labels = new JsonObject
        {
            ["kubernetes.io/arch"] = "amd64",
            ["kubernetes.io/os"] = "linux",
            ["kubernetes.io/hostname"] = options.NameOf(number),
            ["topology.kubernetes.io/region"] = "r1",
            ["topology.kubernetes.io/zone"] = $"r1-{(char)('a' + (number % 3))}",
            ["node.kubernetes.io/instance-type"] = "m.large",
        };
        foreach (var (name, value) in options.LabelsOf(number))
            labels[name] = value;
        var images = new JsonArray(
            [.. Enumerable.Range(0, options.Images).Select(image => (JsonNode)new JsonObject
            {
                ["names"] = new JsonArray($"registry.example/team/component-{image}@sha256:{new string('a', 64)}", $"registry.example/team/component-{image}:v1.2.{image}"),
                ["sizeBytes"] = 50_000_000 + image,
            })]);
        var node = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = options.NameOf(number), ["labels"] = labels },
            ["spec"] = new JsonObject { ["podCIDR"] = "10.1.0.0/24" },
            ["status"] = new JsonObject
            {
                ["capacity"] = new JsonObject { ["cpu"] = "8", ["memory"] = "32Gi", ["pods"] = "110" },
                ["allocatable"] = new JsonObject { ["cpu"] = "8", ["memory"] = "31Gi", ["pods"] = "110" },
                ["conditions"] = NodeConditions(isReady: true, _started, _started),
                ["images"] = images,
            },
        };
        return CreateAsync(ResourceKind.Nodes, "", node.ToJsonString(), cancellation);
    }

    /// <summary>Makes the agent's pod of one, ready.</summary>
    public async Task CreatePodAsync(int number, CancellationToken cancellation)
    {
        var labels = new JsonObject();
        foreach (var (name, value) in options.PodLabels)
            labels[name] = value;
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = PodOf(number), ["namespace"] = options.Namespace, ["labels"] = labels },
            ["spec"] = new JsonObject
            {
                ["nodeName"] = options.NameOf(number),
                ["containers"] = new JsonArray(new JsonObject { ["name"] = "agent", ["image"] = "registry.example/damon/agent:v0.1.0" }),
            },
        };
        await CreateAsync(ResourceKind.Pods, options.Namespace, pod.ToJsonString(), cancellation);
        await SetPodReadyAsync(number, isReady: true, cancellation);
    }

    /// <summary>Says of an agent's pod whether it is ready.</summary>
    /// <param name="number">The node's number.</param>
    /// <param name="isReady">Whether it is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="since">Since when; null for now.</param>
    public Task SetPodReadyAsync(int number, bool isReady, CancellationToken cancellation, DateTimeOffset? since = null)
    {
        var now = since is { } given ? Text(given) : Now();
        var status = new JsonObject
        {
            ["phase"] = "Running",
            ["conditions"] = new JsonArray(
                Condition("Initialized", "True", "", now),
                Condition("Ready", isReady ? "True" : "False", isReady ? "" : "ContainersNotReady", now),
                Condition("ContainersReady", isReady ? "True" : "False", isReady ? "" : "ContainersNotReady", now),
                Condition("PodScheduled", "True", "", now)),
        };
        return PatchStatusAsync(ResourceKind.Pods, new ObjectKey(options.Namespace, PodOf(number)), status, cancellation);
    }

    /// <summary>Says of a node whether it is ready.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="isReady">Whether it is.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="since">Since when; null for now.</param>
    public Task SetNodeReadyAsync(int number, bool isReady, CancellationToken cancellation, DateTimeOffset? since = null)
    {
        return PatchStatusAsync(
            ResourceKind.Nodes, new ObjectKey(options.NameOf(number)), new JsonObject { ["conditions"] = NodeConditions(isReady, since is { } given ? Text(given) : Now(), Now()) }, cancellation);
    }

    /// <summary>Plays what kubelets say while nothing happens: each tells its status once in a period, which changes a time in it and nothing else.</summary>
    /// <param name="period">Five minutes, in a cluster.</param>
    /// <param name="cancellation">Ends it, without an exception.</param>
    public async Task PlayHeartbeatsAsync(TimeSpan period, CancellationToken cancellation)
    {
        var gap = period / Math.Max(1, options.Count);
        var started = Time.GetTimestamp();
        try
        {
            for (var beat = 0L; ; beat++)
            {
                var wait = (gap * beat) - Time.GetElapsedTime(started);
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, Time, cancellation);
                await PatchStatusAsync(
                    ResourceKind.Nodes,
                    new ObjectKey(options.NameOf((int)(beat % options.Count))),
                    new JsonObject { ["conditions"] = NodeConditions(isReady: true, _started, Now()) },
                    cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The way it ends.
        }
    }

    private JsonArray NodeConditions(bool isReady, string since, string heartbeat) => new(
        Condition("MemoryPressure", isReady ? "False" : "Unknown", "KubeletHasSufficientMemory", _started, heartbeat),
        Condition("DiskPressure", isReady ? "False" : "Unknown", "KubeletHasNoDiskPressure", _started, heartbeat),
        Condition("PIDPressure", isReady ? "False" : "Unknown", "KubeletHasSufficientPID", _started, heartbeat),
        Condition("Ready", isReady ? "True" : "Unknown", isReady ? "KubeletReady" : "NodeStatusUnknown", since, heartbeat));

    private static JsonObject Condition(string type, string status, string reason, string since, string? heartbeat = null)
    {
        var condition = new JsonObject { ["type"] = type, ["status"] = status, ["reason"] = reason, ["lastTransitionTime"] = since };
        if (heartbeat is not null)
            condition["lastHeartbeatTime"] = heartbeat;
        return condition;
    }

    private static string Now() => Text(Time.GetUtcNow());

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private string PodOf(int number) => $"damon-agent-{options.NameOf(number)}";

    private async Task ForEachAsync(Func<int, CancellationToken, Task> each, CancellationToken cancellation) =>
        await Parallel.ForEachAsync(
            Enumerable.Range(0, options.Count),
            new ParallelOptions { MaxDegreeOfParallelism = options.Writers, CancellationToken = cancellation },
            async (number, token) => await each(number, token));

    private async Task PatchStatusAsync(ResourceKind kind, ObjectKey key, JsonObject status, CancellationToken cancellation)
    {
        // A merge patch puts a list in place of the other: all conditions are given each time.
        var result = await client.PatchAsync(
            kind, key, PatchKind.Merge, Encoding.UTF8.GetBytes(new JsonObject { ["status"] = status }.ToJsonString()), "kubelet", force: false, cancellation, "status");
        if (!result.Succeeded)
            throw new InvalidOperationException($"The status of {kind} {key} was not taken: {result.Failure}");
    }

    private async Task CreateAsync(ResourceKind kind, string ns, string json, CancellationToken cancellation)
    {
        var created = await client.CreateAsync(kind, ns, Encoding.UTF8.GetBytes(json), cancellation);
        if (created is { Succeeded: false, Failure.Kind: not ApiFailureKind.AlreadyExists })
            throw new InvalidOperationException($"{kind} was not taken: {created.Failure}");
    }
}
