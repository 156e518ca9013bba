using System.Text.Json;

namespace Damon.Cli.Agent;

/// <summary>An agent's snapshot for people.</summary>
internal static class AgentSnapshotText
{
    /// <summary>Pods that are listed, those with the most memory; JSON has all.</summary>
    private const int MaxPods = 20;

    /// <summary>Writes it.</summary>
    /// <exception cref="KeyNotFoundException">The document is not a snapshot.</exception>
    /// <exception cref="InvalidOperationException">A field has another type.</exception>
    public static void Write(TextWriter to, JsonElement snapshot)
    {
        var own = snapshot.GetProperty("own");
        var memory = snapshot.GetProperty("memory");
        to.WriteLine($"node     {Text(snapshot, "node")}, kernel {Text(snapshot, "kernel")}, agent {Text(snapshot, "version")}");
        to.WriteLine($"taken    {Text(snapshot, "takenAt")}, agent started {Text(snapshot, "startedAt")}");
        to.WriteLine($"mode     {Text(snapshot, "mode")}{(snapshot.GetProperty("hasPlan").GetBoolean() ? "" : ", the plan is not known yet")}");
        to.WriteLine($"own      {own.GetProperty("cpuSeconds").GetDouble():0.0} s of CPU, {Bytes(own, "residentBytes")} resident, {own.GetProperty("probes").GetUInt64()} probes, intervals × {own.GetProperty("intervalStretch").GetDouble():0.##}");
        to.WriteLine($"memory   {Bytes(memory, "monitoredBytes")} watched, {Bytes(memory, "workingSetBytes")} working set, {Bytes(memory, "accessedBytes")} accessed");
        var buckets = memory.GetProperty("idle").EnumerateArray().ToList();
        for (var i = 0; i < buckets.Count; i++)
        {
            to.WriteLine($"         {Bytes(buckets[i], "bytes"),10} idle for {Seconds(buckets[i], "fromSeconds")} {(i + 1 < buckets.Count ? "to " + Seconds(buckets[i + 1], "fromSeconds") : "and longer")}");
        }

        foreach (var session in snapshot.GetProperty("sessions").EnumerateArray())
        {
            to.WriteLine(
                $"session  {Text(session, "backend")}: {session.GetProperty("targets").GetInt32()} address spaces, {session.GetProperty("regions").GetInt32()} regions, every {Seconds(session, "sampleSeconds")}, summed up every {Seconds(session, "aggregationSeconds")}, sees changes within {Seconds(session, "detectionLatencySeconds")}");
        }

        var containers = string.Join(", ", snapshot.GetProperty("containers").EnumerateObject().Where(state => state.Value.GetInt32() > 0).Select(state => $"{state.Value.GetInt32()} {state.Name}"));
        to.WriteLine($"containers {(containers.Length == 0 ? "none" : containers)}");
        foreach (var scheme in snapshot.GetProperty("schemes").EnumerateArray())
        {
            var effects = scheme.GetProperty("effects");
            to.WriteLine($"scheme   {Text(scheme, "name")} ({Text(scheme, "action")}, {Text(scheme, "mode")}): {Text(scheme, "state")}{Reason(scheme, "reason")}");
            to.WriteLine(
                $"         {scheme.GetProperty("containers").GetInt32()} containers, {Bytes(scheme, "matchedBytes")} match{Latency(scheme)}; applied {Bytes(effects, "appliedBytes")}, would have {Bytes(effects, "wouldApplyBytes")}; accessed again {Bytes(effects, "refaultBytes")}, would have been {Bytes(effects, "wouldRefaultBytes")}");
        }

        foreach (var rail in snapshot.GetProperty("rails").EnumerateArray().Where(rail => rail.GetProperty("trips").GetUInt64() > 0))
        {
            to.WriteLine($"rail     {Text(rail, "rail")}: {rail.GetProperty("trips").GetUInt64()} trips, held for {Seconds(rail, "backOffSeconds")}");
        }

        var pods = snapshot.GetProperty("pods").EnumerateArray().OrderByDescending(pod => pod.GetProperty("memory").GetProperty("monitoredBytes").GetUInt64()).ToList();
        foreach (var pod in pods.Take(MaxPods))
        {
            var podMemory = pod.GetProperty("memory");
            to.WriteLine($"pod      {Text(pod, "namespace")}/{Text(pod, "name")}: {Bytes(podMemory, "monitoredBytes")}, working set {Bytes(podMemory, "workingSetBytes")}{Reason(pod, "heldBy", "held by ")}");
        }

        if (pods.Count > MaxPods)
        {
            to.WriteLine($"         and {pods.Count - MaxPods} more; -o json lists all");
        }
    }

    /// <summary>Names come from elsewhere: what would move a terminal's cursor is not written.</summary>
    private static string Text(JsonElement from, string name) =>
        string.Concat((from.GetProperty(name).GetString() ?? "unknown").Where(character => !char.IsControl(character)));

    private static string Reason(JsonElement from, string name, string before = "") =>
        from.GetProperty(name).ValueKind == JsonValueKind.Null ? "" : $" ({before}{Text(from, name)})";

    /// <summary>Agents of other versions do not tell it.</summary>
    private static string Latency(JsonElement scheme) =>
        scheme.TryGetProperty("detectionLatencySeconds", out var latency) && latency.ValueKind == JsonValueKind.Number ? $", seen within {Seconds(scheme, "detectionLatencySeconds")}" : "";

    private static string Bytes(JsonElement from, string name) => Format.Bytes(from.GetProperty(name).GetUInt64());

    private static string Seconds(JsonElement from, string name)
    {
        // Whatever is written there stays within what a duration can be.
        var seconds = Math.Clamp(from.GetProperty(name).GetDouble(), 0, TimeSpan.MaxValue.TotalSeconds / 2);
        return Format.Duration(TimeSpan.FromSeconds(seconds));
    }
}
