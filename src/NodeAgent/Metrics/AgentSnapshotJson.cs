using System.Text.Json;

namespace Damon.NodeAgent.Metrics;

/// <summary>The figures as one JSON document: bytes are whole numbers, shares from 0 to 1, durations in seconds as their names say.</summary>
internal static class AgentSnapshotJson
{
    public static void Write(Utf8JsonWriter json, AgentFigures figures)
    {
        json.WriteStartObject();
        json.WriteString("node", figures.Node);
        json.WriteString("version", figures.Version);
        json.WriteString("kernel", figures.Kernel);
        json.WriteString("takenAt", figures.TakenAt.UtcDateTime);
        json.WriteString("startedAt", figures.StartedAt.UtcDateTime);
        json.WriteBoolean("hasPlan", figures.HasPlan);
        json.WriteString("mode", figures.Mode.ToString());
        WriteOwn(json, figures.Own);
        WriteMemory(json, figures.Memory);
        WritePhysical(json, figures.Physical);
        json.WriteStartArray("sessions");
        foreach (var session in figures.Sessions)
        {
            WriteSession(json, session);
        }

        json.WriteEndArray();
        json.WriteStartArray("schemes");
        foreach (var scheme in figures.Schemes)
        {
            WriteScheme(json, scheme);
        }

        json.WriteEndArray();
        json.WriteStartObject("containers");
        foreach (var state in Enum.GetValues<ContainerState>())
        {
            json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(state.ToString()), figures.Containers.GetValueOrDefault(state));
        }

        json.WriteEndObject();
        json.WriteStartArray("rails");
        foreach (var rail in figures.Rails)
        {
            json.WriteStartObject();
            json.WriteString("rail", rail.Rail.ToString());
            json.WriteNumber("trips", rail.Trips);
            json.WriteNumber("backOffSeconds", rail.BackOff.TotalSeconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("pods");
        foreach (var pod in figures.Pods)
        {
            WritePod(json, pod);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOwn(Utf8JsonWriter json, OwnFigures own)
    {
        json.WriteStartObject("own");
        json.WriteNumber("cpuSeconds", own.CpuTime.TotalSeconds);
        json.WriteNumber("residentBytes", own.ResidentBytes);
        json.WriteNumber("probes", own.Probes);
        WriteNumberOrNull(json, "cpuCeiling", own.CpuCeiling);
        WriteNumberOrNull(json, "probesPerSecondCeiling", own.ProbesPerSecondCeiling);
        json.WriteNumber("intervalStretch", own.IntervalStretch);
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, IdleHistogram memory)
    {
        json.WriteStartObject("memory");
        json.WriteNumber("monitoredBytes", memory.MonitoredBytes);
        json.WriteNumber("workingSetBytes", memory.WorkingSetBytes);
        json.WriteNumber("accessedBytes", memory.AccessedBytes);
        json.WriteStartArray("idle");
        for (var i = 0; i < IdleHistogram.Buckets.Length; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("fromSeconds", IdleHistogram.Buckets[i].TotalSeconds);
            json.WriteNumber("bytes", memory.IdleBytes[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSession(Utf8JsonWriter json, SessionFigures session)
    {
        json.WriteStartObject();
        json.WriteString("backend", session.Backend.ToString());
        json.WriteNumber("targets", session.Targets);
        json.WriteNumber("regions", session.Regions);
        json.WriteNumber("sampleSeconds", session.Intervals.Sample.TotalSeconds);
        json.WriteNumber("aggregationSeconds", session.Intervals.Aggregation.TotalSeconds);
        json.WriteNumber("detectionLatencySeconds", session.DetectionLatency.TotalSeconds);
        json.WriteEndObject();
    }

    private static void WriteScheme(Utf8JsonWriter json, SchemeFigures scheme)
    {
        json.WriteStartObject();
        json.WriteString("name", scheme.Name);
        WriteStringOrNull(json, "action", scheme.Action?.ToString() ?? "");
        json.WriteString("mode", scheme.Mode.ToString());
        json.WriteString("state", scheme.State.ToString());
        WriteStringOrNull(json, "reason", scheme.Reason);
        WriteStringOrNull(json, "appliedHash", scheme.AppliedHash);
        json.WriteNumber("containers", scheme.Containers);
        json.WriteNumber("matchedBytes", scheme.MatchedBytes);
        WriteNumberOrNull(json, "detectionLatencySeconds", scheme.DetectionLatency?.TotalSeconds);
        WriteEffects(json, scheme.Effects);
        WriteNumberOrNull(json, "grants", scheme.Grants);
        WriteNumberOrNull(json, "heldContainers", scheme.HeldContainers);
        json.WriteEndObject();
    }

    private static void WritePhysical(Utf8JsonWriter json, NodeFigures? node)
    {
        if (node is null)
        {
            json.WriteNull("physical");
            return;
        }

        json.WriteStartObject("physical");
        WriteNumberOrNull(json, "sampleSeconds", node.Intervals?.Sample.TotalSeconds);
        WriteNumberOrNull(json, "aggregationSeconds", node.Intervals?.Aggregation.TotalSeconds);
        json.WriteNumber("intervalStretch", node.Stretch);
        json.WriteNumber("kernelCpuSeconds", node.KernelCpuTime.TotalSeconds);
        json.WriteNumber("kernelRestarts", node.Restarts);
        json.WriteEndObject();
    }

    private static void WritePod(Utf8JsonWriter json, PodFigures pod)
    {
        json.WriteStartObject();
        json.WriteString("namespace", pod.Pod.Namespace);
        json.WriteString("name", pod.Pod.Name);
        json.WriteString("uid", pod.Uid);
        json.WriteNumber("containers", pod.Containers);
        json.WriteNumber("targets", pod.Targets);
        WriteMemory(json, pod.Memory);
        WriteEffects(json, pod.Effects);
        WriteStringOrNull(json, "heldBy", pod.HeldBy?.ToString() ?? "");
        json.WriteEndObject();
    }

    private static void WriteEffects(Utf8JsonWriter json, in SchemeEffects effects)
    {
        json.WriteStartObject("effects");
        json.WriteNumber("appliedBytes", effects.AppliedBytes);
        json.WriteNumber("wouldApplyBytes", effects.WouldApplyBytes);
        json.WriteNumber("refaultBytes", effects.RefaultBytes);
        json.WriteNumber("wouldRefaultBytes", effects.WouldRefaultBytes);
        json.WriteNumber("awayBytes", effects.AwayBytes);
        json.WriteNumber("wouldBeAwayBytes", effects.WouldBeAwayBytes);
        json.WriteNumber("noEffectCalls", effects.NoEffectCalls);
        json.WriteNumber("failedCalls", effects.FailedCalls);
        json.WriteNumber("exhaustedWindows", effects.ExhaustedWindows);
        json.WriteEndObject();
    }

    private static void WriteNumberOrNull(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } known)
        {
            json.WriteNumber(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteStringOrNull(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length > 0)
        {
            json.WriteString(name, text);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
