using System.Text.Json.Nodes;

namespace Damon.Operator.Tests.ControlPlane;

/// <summary>A scheme as somebody reads it.</summary>
/// <param name="found">The object.</param>
internal sealed class SchemeReading(JsonNode found)
{
    public JsonNode Object => found;

    public string Hash => found["status"]?["hash"]?.GetValue<string>() ?? "";

    /// <summary>Whether the status is about the spec that there is.</summary>
    public bool IsCurrent => found["status"]?["observedGeneration"]?.GetValue<long>() == found["metadata"]!["generation"]!.GetValue<long>();

    public string Phase => found["status"]?["rollout"]?["phase"]?.GetValue<string>() ?? "";

    public int Step => found["status"]?["rollout"]?["step"]?.GetValue<int>() ?? 0;

    public string Ready => Status("Ready");

    /// <summary>How many nodes are so.</summary>
    public int Nodes(string state) => found["status"]?["nodes"]?[state]?.GetValue<int>() ?? 0;

    /// <summary>A condition's status, or empty.</summary>
    public string Status(string condition) => Condition(condition)?["status"]?.GetValue<string>() ?? "";

    /// <summary>A condition's reason, or empty.</summary>
    public string Reason(string condition) => Condition(condition)?["reason"]?.GetValue<string>() ?? "";

    private JsonNode? Condition(string type) => found["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => condition!["type"]!.GetValue<string>() == type);
}
