using System.Text.Json;

namespace Damon.Footprint.Agents;

/// <summary>What an agent tells at <c>/v1/snapshot</c>, as far as it is needed here.</summary>
/// <param name="Targets">Processes that it looks at.</param>
/// <param name="Regions">Regions that it tells apart.</param>
/// <param name="Sample">The sample interval in force.</param>
/// <param name="Aggregation">The aggregation interval in force.</param>
/// <param name="Probes">Looks at pages so far.</param>
/// <param name="Stretch">How many times longer its intervals are than they would have to be, to keep to the ceilings.</param>
/// <param name="Schemes">Its schemes.</param>
internal sealed record AgentTold(int Targets, int Regions, TimeSpan Sample, TimeSpan Aggregation, ulong Probes, double Stretch, IReadOnlyList<SchemeTold> Schemes)
{
    /// <summary>Reads a snapshot.</summary>
    public static AgentTold Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var own = root.GetProperty("own");
        var session = root.GetProperty("sessions").EnumerateArray().FirstOrDefault();
        var hasSession = session.ValueKind == JsonValueKind.Object;
        return new AgentTold(
            hasSession ? session.GetProperty("targets").GetInt32() : 0,
            hasSession ? session.GetProperty("regions").GetInt32() : 0,
            TimeSpan.FromSeconds(hasSession ? session.GetProperty("sampleSeconds").GetDouble() : 0),
            TimeSpan.FromSeconds(hasSession ? session.GetProperty("aggregationSeconds").GetDouble() : 0),
            own.GetProperty("probes").GetUInt64(),
            own.GetProperty("intervalStretch").GetDouble(),
            [.. root.GetProperty("schemes").EnumerateArray().Select(scheme => new SchemeTold(
                scheme.GetProperty("name").GetString() ?? "",
                scheme.GetProperty("state").GetString() ?? "",
                scheme.GetProperty("reason").GetString() ?? "",
                scheme.GetProperty("containers").GetInt32(),
                scheme.GetProperty("matchedBytes").GetUInt64(),
                scheme.GetProperty("detectionLatencySeconds") is { ValueKind: JsonValueKind.Number } latency ? TimeSpan.FromSeconds(latency.GetDouble()) : null))]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Targets} processes, {Regions} regions; {string.Join(", ", Schemes.Select(scheme => $"{scheme.Name}: {scheme.State} {scheme.Reason}".TrimEnd()))}";

    /// <summary>Whether a plan is carried out: so many schemes observe, and so many processes are looked at.</summary>
    public bool HasApplied(int schemes, int processes) => Schemes.Count == schemes && Targets == processes && Schemes.All(scheme => scheme.State == "Observing");
}
