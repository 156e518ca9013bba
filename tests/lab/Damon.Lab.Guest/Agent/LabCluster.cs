using System.Text.Json.Nodes;
using Damon.Lab.Guest.Pods;
using Damon.Lab.Guest.Running;
using Damon.NodeAgent.Tests.Cluster;
using Damon.Testing;
using Damon.Testing.ApiServer;

namespace Damon.Lab.Guest.Agent;

/// <summary>
/// A cluster as the agent of its one node sees it: an API server on loopback, with the pods that this machine has. There is no operator: what the plan says stays. The configuration lets short ages and fresh
/// containers be acted on, and puts pressure out of reach: an emulated machine is always short of something.
/// </summary>
internal sealed class LabCluster : IAsyncDisposable
{
    public const string Node = "lab";

    private const string Namespace = "shop";
    private const string GroupPrefix = "kubepods-burstable-pod";
    private const string ScopePrefix = "cri-containerd-";

    private readonly LabContext _context;
    private readonly LoopbackApiServer _server;

    private LabCluster(LabContext context)
    {
        _context = context;
        _server = new LoopbackApiServer(new FakeApiServer(context.Time, FakeKind.DamonNodes, FakeKind.DamonClusterConfigs, FakeKind.Namespaces, FakeKind.Nodes, FakeKind.Pods, FakeKind.Events));
    }

    /// <summary>A kubeconfig file that leads to it.</summary>
    public string Kubeconfig => _server.Kubeconfig;

    /// <summary>Starts one with the pods, each labelled <c>app</c> with <c>pod-</c> and its number from 1, and a configuration, but no plan.</summary>
    public static async Task<LabCluster> StartAsync(LabContext context, string mode = "Enforce")
    {
        var cluster = new LabCluster(context);
        await cluster._server.StartAsync(context.Cancellation);
        await cluster.SwitchToAsync(mode);
        await cluster._server.DoAsync(server =>
        {
            server.Put(FakeKind.Namespaces, $$$"""{"metadata":{"name":"{{{Namespace}}}"} }""");
            server.Put(FakeKind.Nodes, $$$"""{"metadata":{"name":"{{{Node}}}"},"status":{"conditions":[]} }""");
            for (var i = 0; i < context.Pods.Count; i++)
                server.Restore(FakeKind.Pods, PodAt(context, i));
            return true;
        });
        return cluster;
    }

    /// <summary>The cluster's mode.</summary>
    public Task SwitchToAsync(string mode) => _server.DoAsync(server => server.Put(
        FakeKind.DamonClusterConfigs,
        $$$"""
        {"metadata":{"name":"cluster"},"spec":{"mode":"{{{mode}}}","ceilings":{"agentCpu":"100%"},"safety":{"startGrace":"0s","floors":{"requestShare":"0%","size":"1Mi"},
        "pressure":{"memoryAvg10":"100%","memoryAvg60":"100%","ioAvg10":"100%","calm":"0s"},"emergency":{"memoryFullAvg10":"100%","coolDown":"1s"},"swap":{"maxOutPerSecond":"1Gi"} } } }
        """));

    /// <summary>The node's plan: one scheme, named cold, for the first pod's memory that was not accessed for two seconds.</summary>
    /// <param name="action">As in <c>spec.action</c>, JSON.</param>
    /// <param name="quotaSize">What it may do in a second.</param>
    public Task PlanAsync(string action, string quotaSize = "256Mi")
    {
        // A look of user space costs a hundred times what the kernel's own costs, and this machine is slow.
        var (sample, aggregation) = AgentRun.BackendOf(_context.Machine) == "IdlePage" ? ("100ms", "500ms") : ("10ms", "200ms");
        var cold = new PlanEntry("cold", $$$"""
            {"mode":"Enforce","target":{"kind":"Pods","podSelector":{"matchLabels":{"app":"pod-1"} } },
            "monitoring":{"sampleInterval":"{{{sample}}}","aggregationInterval":"{{{aggregation}}}","autoTune":{"minSampleInterval":"{{{sample}}}","maxSampleInterval":"{{{sample}}}"}},
            "pattern":{"accessRate":{"max":"0%"},"age":{"min":"2s"}},"action":{{{action}}},"applyInterval":"1s","quota":{"size":"{{{quotaSize}}}","interval":"1s"} }
            """);
        return _server.DoAsync(server => server.Put(
            FakeKind.DamonNodes,
            $$$"""{"metadata":{"name":"{{{Node}}}"},"spec":{"mode":"Enforce","schemes":[{{{cold.Json}}}]} }"""));
    }

    /// <summary>What the agent says of the scheme, <c>status.schemes[0]</c>; nothing before it has written.</summary>
    public Task<JsonObject?> SchemeStatusAsync() => _server.DoAsync(server => server.Objects(FakeKind.DamonNodes).SingleOrDefault()?["status"]?["schemes"]?[0] as JsonObject);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string PodAt(LabContext context, int index)
    {
        // …/kubepods-burstable-podUID.slice with underscores in the uid, and below it cri-containerd-ID.scope.
        var uid = NameOf(context.Pods[index])[GroupPrefix.Length..^".slice".Length].Replace('_', '-');
        var ids = context.Containers.Where(container => container.StartsWith(context.Pods[index] + "/", StringComparison.Ordinal)).Select(container => NameOf(container)[ScopePrefix.Length..^".scope".Length]).ToList();
        var specs = string.Join(',', ids.Select((_, i) => $$"""{"name":"c{{i + 1}}"}"""));
        var statuses = string.Join(',', ids.Select((id, i) => $$$$"""{"name":"c{{{{i + 1}}}}","containerID":"containerd://{{{{id}}}}","state":{"running":{"startedAt":"2024-01-01T00:00:00Z"} } }"""));
        return $$$"""
            {"metadata":{"name":"pod-{{{index + 1}}}","namespace":"{{{Namespace}}}","uid":"{{{uid}}}","labels":{"app":"pod-{{{index + 1}}}"} },"spec":{"nodeName":"{{{Node}}}","containers":[{{{specs}}}]},
            "status":{"phase":"Running","qosClass":"Burstable","containerStatuses":[{{{statuses}}}]} }
            """;
    }

    private static string NameOf(string group) => group[(group.LastIndexOf('/') + 1)..];
}
