using System.Text.Json.Nodes;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Tests.Cluster;

/// <summary>Pods as the API server gives them, as far as the agent reads them.</summary>
internal static class PodDocuments
{
    /// <summary>A pod of a node with its application containers, all of them running or none.</summary>
    public static string Of(PodRecord pod, string node) => new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["namespace"] = pod.Namespace,
            ["name"] = pod.Name,
            ["uid"] = pod.Uid,
            ["labels"] = new JsonObject(pod.Labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))),
        },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = node,
            ["containers"] = new JsonArray([.. pod.Containers.Select(container => (JsonNode)new JsonObject { ["name"] = container.Name })]),
        },
        ["status"] = new JsonObject
        {
            ["phase"] = pod.Phase.ToString(),
            ["qosClass"] = pod.QosClass.ToString(),
            ["containerStatuses"] = new JsonArray([.. pod.Containers.Select(StatusOf)]),
        },
    }.ToJsonString();

    private static JsonNode StatusOf(ContainerRecord container) => new JsonObject
    {
        ["name"] = container.Name,
        ["containerID"] = container.RuntimeId,
        ["state"] = container.Running ? new JsonObject { ["running"] = new JsonObject { ["startedAt"] = container.StartedAt?.ToString("O") } } : new JsonObject(),
    };
}
