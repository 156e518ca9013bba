using System.Text.Json;

namespace Damon.Scale.Cluster;

/// <summary>What of a scheme's status a run waits for.</summary>
/// <param name="ObservedGeneration">The generation that it is about.</param>
/// <param name="Generation">The generation that there is.</param>
/// <param name="Matched">Nodes that it is for.</param>
/// <param name="Updated">Nodes that have it.</param>
/// <param name="Active">Nodes on which it acts.</param>
/// <param name="Phase">Of the rollout, or empty.</param>
/// <param name="IsReady">Whether the condition Ready is True.</param>
internal sealed record SchemeState(long ObservedGeneration, long Generation, int Matched, int Updated, int Active, string Phase, bool IsReady)
{
    public static SchemeState Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        using var document = JsonDocument.ParseValue(ref reader);
        var generation = document.RootElement.GetProperty("metadata").GetProperty("generation").GetInt64();
        if (!document.RootElement.TryGetProperty("status", out var status))
            return new SchemeState(0, generation, 0, 0, 0, "", IsReady: false);
        var isReady = status.TryGetProperty("conditions", out var conditions)
            && conditions.EnumerateArray().Any(condition => condition.GetProperty("type").ValueEquals("Ready") && condition.GetProperty("status").ValueEquals("True"));
        return new SchemeState(
            status.TryGetProperty("observedGeneration", out var observed) ? observed.GetInt64() : 0,
            generation,
            Count("matched"),
            Count("updated"),
            Count("active"),
            status.TryGetProperty("rollout", out var rollout) && rollout.TryGetProperty("phase", out var phase) ? phase.GetString() ?? "" : "",
            isReady);

        int Count(string name) => status.TryGetProperty("nodes", out var nodes) && nodes.TryGetProperty(name, out var count) ? count.GetInt32() : 0;
    }
}
