using System.Text;
using System.Text.Json.Nodes;
using Damon.Footprint.Nodes;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Testing;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Footprint.Clusters;

/// <summary>Puts into an API server what a cluster has for the node that is measured: its Node, pods with containers that run, the configuration, and a plan of schemes that observe.</summary>
/// <param name="client">Speaks to the server.</param>
internal sealed class NodeObjects(ApiClient client)
{
    public const string NodeName = "footprint";

    private const int Namespaces = 5;
    private static readonly string[] Apps = ["web", "worker", "cache", "queue", "cron"];

    /// <summary>
    /// Six that only count, with different patterns, and one of each class that acts elsewhere; two of one class have half of the pods each. So nine of ten are for every pod, which is more than a node has in
    /// practice.
    /// </summary>
    private static readonly (string Name, string Target, string What)[] Schemes =
    [
        ("page-out", Web("In"), """ "action":{"type":"Pageout"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"2m"} },"quota":{"size":"64Mi","interval":"1s"} """),
        ("cold-hint", Web("NotIn"), """ "action":{"type":"Cold"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"5m"} },"quota":{"size":"64Mi","interval":"1s"} """),
        ("prefetch", All, """ "action":{"type":"WillNeed"},"pattern":{"accessRate":{"min":"10%"} },"quota":{"size":"16Mi","interval":"1s"} """),
        ("collapse", All, """ "action":{"type":"Collapse"},"pattern":{"accessRate":{"min":"50%"},"size":{"min":"2Mi"} },"quota":{"size":"16Mi","interval":"1s"} """),
        ("idle-2m", All, """ "action":{"type":"Stat"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"2m"} } """),
        ("idle-5m", All, """ "action":{"type":"Stat"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"5m"} } """),
        ("idle-30m", All, """ "action":{"type":"Stat"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"30m"} } """),
        ("hot", All, """ "action":{"type":"Stat"},"pattern":{"accessRate":{"min":"50%"} } """),
        ("warm", All, """ "action":{"type":"Stat"},"pattern":{"accessRate":{"min":"5%","max":"50%"} } """),
        ("large-idle", All, """ "action":{"type":"Stat"},"pattern":{"accessRate":{"max":"0%"},"size":{"min":"1Mi"} } """),
    ];

    private const string All = """ "target":{"podSelector":{} } """;

    /// <summary>How many schemes there are at the most.</summary>
    public static int MostSchemes => Schemes.Length;

    /// <summary>Creates all of it but the plan.</summary>
    /// <param name="shape">How many pods.</param>
    /// <param name="node">Gets their control groups and processes.</param>
    /// <param name="startedAt">When their containers have started.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task CreatePodsAsync(NodeShape shape, SimulatedNode node, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        await CreateAsync(ResourceKind.Nodes, "", $$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{NodeName}}"} }""", cancellation);
        for (var i = 0; i < Namespaces; i++)
        {
            await CreateAsync(ResourceKind.Namespaces, "", $$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team-{{i}}","labels":{"team":"{{i}}"} } }""", cancellation);
        }

        for (var i = 0; i < shape.Pods; i++)
        {
            await CreatePodAsync(i, node, startedAt, cancellation);
        }
    }

    /// <summary>Creates the configuration and the plan.</summary>
    /// <param name="schemes">How many schemes.</param>
    /// <param name="regions">Regions of each pod, from and to.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task CreatePlanAsync(int schemes, (int Min, int Max) regions, CancellationToken cancellation)
    {
        await CreateAsync(DamonKinds.Configs, "", """{"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{"mode":"Observe"} }""", cancellation);
        var planned = Schemes.Take(schemes).Select((scheme, i) =>
            new PlanEntry(scheme.Name, $$$"""{"mode":"Observe",{{{scheme.Target}}},"monitoring":{"regions":{"min":{{{regions.Min}}},"max":{{{regions.Max}}} } },{{{scheme.What}}} }""")
            {
                Hash = HashOf(scheme.Name),
                Rank = i + 1,
                CreatedAt = "2026-01-01T00:00:00Z",
            }.Json);
        await CreateAsync(
            DamonKinds.Nodes, "", $$$"""{"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode","metadata":{"name":"{{{NodeName}}}"},"spec":{"mode":"Observe","schemes":[{{{string.Join(',', planned)}}}]} }""", cancellation);
    }

    /// <summary>Whether the node's status says that a plan of so many schemes is applied.</summary>
    public async Task<bool> SaysAppliedAsync(int schemes, CancellationToken cancellation)
    {
        var read = await client.GetAsync(DamonKinds.Nodes, new ObjectKey(NodeName), cancellation);
        return read.Succeeded && JsonNode.Parse(read.Value.Span)?["status"]?["schemes"] is JsonArray told && told.Count == schemes
            && told.All(scheme => (string?)scheme!["appliedHash"] == HashOf((string)scheme["name"]!) && (string?)scheme["state"] == "Observing");
    }

    private static string Web(string verb) => $$""" "target":{"podSelector":{"matchExpressions":[{"key":"app","operator":"{{verb}}","values":["web","worker"]}]} } """;

    private static string HashOf(string scheme) => $"hash-{scheme}";

    private async Task CreatePodAsync(int number, SimulatedNode node, DateTimeOffset startedAt, CancellationToken cancellation)
    {
        var app = Apps[number % Apps.Length];
        var ns = $"team-{number % Namespaces}";
        var name = $"{app}-7d9c5b6f4d-{number:x5}";
        var isBurstable = number % 3 != 0;
        var created = await CreateAsync(ResourceKind.Pods, ns, PodJson(ns, name, app, isBurstable), cancellation);
        var uid = (string)JsonNode.Parse(created.Span)!["metadata"]!["uid"]!;
        var container = node.AddPod(uid, isBurstable ? FakeQos.Burstable : FakeQos.BestEffort, $"{number + 1:x64}");
        var status = new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["phase"] = "Running",
                ["qosClass"] = isBurstable ? "Burstable" : "BestEffort",
                ["startTime"] = Rfc3339(startedAt),
                ["podIP"] = $"10.1.{number / 256}.{number % 256}",
                ["conditions"] = new JsonArray([.. new[] { "Initialized", "Ready", "ContainersReady", "PodScheduled" }.Select(type => new JsonObject
                {
                    ["type"] = type, ["status"] = "True", ["lastTransitionTime"] = Rfc3339(startedAt),
                })]),
                ["containerStatuses"] = new JsonArray(new JsonObject
                {
                    ["name"] = "main",
                    ["image"] = $"registry.example/{app}:1.2.3",
                    ["imageID"] = $"registry.example/{app}@sha256:{number:x64}",
                    ["containerID"] = container.RuntimeId,
                    ["ready"] = true,
                    ["started"] = true,
                    ["restartCount"] = 0,
                    ["state"] = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Rfc3339(startedAt) } },
                }),
            },
        };
        var patched = await client.PatchAsync(
            ResourceKind.Pods, new ObjectKey(ns, name), PatchKind.Merge, Encoding.UTF8.GetBytes(status.ToJsonString()), "kubelet", force: false, cancellation, "status");
        if (patched.Failure is { } failure)
        {
            throw new ClusterException($"the status of the pod {ns}/{name} is not taken: {failure}");
        }
    }

    /// <summary>As large as a pod of a Deployment is: labels, environment, probes, volumes.</summary>
    private static string PodJson(string ns, string name, string app, bool isBurstable)
    {
        var environment = string.Join(',', Enumerable.Range(0, 20).Select(i => $$"""{"name":"SETTING_{{i}}","value":"a value of the usual length {{i}}"}"""));
        var resources = isBurstable ? """ "resources":{"requests":{"cpu":"100m","memory":"32Mi"},"limits":{"memory":"1Gi"} },""" : "";
        return $$$"""
            {"apiVersion":"v1","kind":"Pod",
             "metadata":{"name":"{{{name}}}","namespace":"{{{ns}}}",
               "labels":{"app":"{{{app}}}","app.kubernetes.io/name":"{{{app}}}","app.kubernetes.io/instance":"{{{name}}}","app.kubernetes.io/part-of":"shop","pod-template-hash":"7d9c5b6f4d"},
               "annotations":{"prometheus.io/scrape":"true","prometheus.io/port":"8080","checksum/config":"{{{new string('0', 64)}}}"} },
             "spec":{"nodeName":"{{{NodeName}}}","terminationGracePeriodSeconds":30,"automountServiceAccountToken":false,
               "containers":[{"name":"main","image":"registry.example/{{{app}}}:1.2.3",{{{resources}}}"env":[{{{environment}}}],
                 "ports":[{"name":"http","containerPort":8080}],
                 "livenessProbe":{"httpGet":{"path":"/healthz","port":8080},"periodSeconds":10},"readinessProbe":{"httpGet":{"path":"/readyz","port":8080},"periodSeconds":5},
                 "volumeMounts":[{"name":"config","mountPath":"/etc/app"},{"name":"tmp","mountPath":"/tmp"}]}],
               "volumes":[{"name":"config","configMap":{"name":"{{{app}}}"} },{"name":"tmp","emptyDir":{} }]} }
            """;
    }

    private static string Rfc3339(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<ReadOnlyMemory<byte>> CreateAsync(ResourceKind kind, string ns, string json, CancellationToken cancellation)
    {
        var created = await client.CreateAsync(kind, ns, Encoding.UTF8.GetBytes(json), cancellation);
        return created.Failure is { } failure ? throw new ClusterException($"the server does not take a {kind.Kind}: {failure}") : created.Value;
    }
}
