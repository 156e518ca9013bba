using System.Text.Encodings.Web;
using System.Text.Json;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;

namespace Damon.Cli.Doctor;

/// <summary>A diagnosis for programs: one object. Reasons and names of backends and actions are stable; messages, remedies and the hint are for people.</summary>
internal static class DoctorJson
{
    public static void Write(Stream to, Diagnosis diagnosis)
    {
        // The output goes to a terminal, a file or a pipe, never into a web page: apostrophes stay readable.
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        WriteMachine(json, diagnosis.Facts);
        WriteDamon(json, diagnosis);
        json.WriteStartArray("backends");
        foreach (var backend in diagnosis.Backends)
        {
            json.WriteStartObject();
            json.WriteString("backend", backend.Backend.ToString());
            WriteCapability(json, backend.IsAvailable, backend.Reason, backend.Message, Remedies.Of(backend));
        }

        json.WriteEndArray();
        json.WriteStartObject("auto");
        WriteStringOrNull(json, "backend", diagnosis.Auto.Backend?.ToString() ?? "");
        json.WriteString("reason", diagnosis.Auto.Reason.ToString());
        json.WriteString("message", diagnosis.Auto.Message);
        WriteStringOrNull(json, "hint", diagnosis.AutoHint);
        json.WriteEndObject();
        json.WriteStartArray("actions");
        foreach (var action in diagnosis.Actions)
        {
            json.WriteStartObject();
            json.WriteString("action", action.Action.ToString());
            WriteCapability(json, action.IsAvailable, action.Reason, action.Message, Remedies.Of(action));
        }

        json.WriteEndArray();
        WriteAdvice(json, diagnosis.Facts.Advice);
        json.WriteStartArray("findings");
        foreach (var finding in diagnosis.Findings)
        {
            json.WriteStartObject();
            json.WriteString("reason", finding.Reason);
            json.WriteString("message", finding.Message);
            WriteStringOrNull(json, "remedy", finding.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteAdvice(Utf8JsonWriter json, ProcessAdvice advice)
    {
        json.WriteStartObject("processAdvice");
        json.WriteBoolean("isKnown", advice.IsKnown);
        json.WriteString("message", advice.Message);
        json.WriteStartObject("answers");
        foreach (var action in Enum.GetValues<SchemeAction>())
        {
            if (action is SchemeAction.Pageout or SchemeAction.Cold or SchemeAction.WillNeed or SchemeAction.Collapse or SchemeAction.HugePage or SchemeAction.NoHugePage)
            {
                json.WriteString(action.ToString(), advice.Of(action).ToString());
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteNodes(Utf8JsonWriter json, string name, IReadOnlyList<int> nodes)
    {
        json.WriteStartArray(name);
        foreach (var node in nodes)
        {
            json.WriteNumberValue(node);
        }

        json.WriteEndArray();
    }

    private static void WriteMachine(Utf8JsonWriter json, MachineFacts facts)
    {
        WriteStringOrNull(json, "kernel", facts.Kernel.Text);
        json.WriteString("architecture", facts.Architecture.ToString());
        json.WriteNumber("pageSizeBytes", facts.PageSizeBytes);
        if (facts.Memory.TotalBytes == 0)
        {
            json.WriteNull("memory");
        }
        else
        {
            json.WriteStartObject("memory");
            json.WriteNumber("totalBytes", facts.Memory.TotalBytes);
            json.WriteNumber("freeBytes", facts.Memory.FreeBytes);
            json.WriteNumber("availableBytes", facts.Memory.AvailableBytes);
            json.WriteNumber("swapTotalBytes", facts.Memory.SwapTotalBytes);
            json.WriteNumber("swapFreeBytes", facts.Memory.SwapFreeBytes);
            json.WriteEndObject();
        }

        json.WriteStartArray("swapDevices");
        foreach (var device in facts.Swaps)
        {
            json.WriteStartObject();
            json.WriteString("path", device.Path);
            json.WriteString("type", device.Type);
            json.WriteNumber("sizeBytes", device.SizeBytes);
            json.WriteNumber("usedBytes", device.UsedBytes);
            json.WriteNumber("priority", device.Priority);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("transparentHugePages", facts.HugePages.ToString());
        WriteNodes(json, "numaNodes", facts.NumaNodes);
        json.WriteStartObject("memoryTiers");
        WriteNodes(json, "fast", facts.Tiers.Fast);
        WriteNodes(json, "slow", facts.Tiers.Slow);
        json.WriteString("source", facts.Tiers.Source.ToString());
        json.WriteString("reason", facts.Tiers.Reason.ToString());
        json.WriteString("message", facts.Tiers.Message);
        json.WriteEndObject();
        json.WriteStartObject("cgroups");
        json.WriteString("version", facts.Cgroups.Version.ToString());
        WriteStringOrNull(json, "memoryRoot", facts.Cgroups.MemoryRoot);
        WriteStringOrNull(json, "unifiedRoot", facts.Cgroups.UnifiedRoot);
        json.WriteBoolean("memoryIsV2", facts.Cgroups.MemoryIsV2);
        json.WriteEndObject();
        json.WriteBoolean("hasMemoryPressure", facts.HasMemoryPressure);
        json.WriteStartObject("capabilities");
        foreach (var entry in CapabilityName.All)
        {
            json.WriteBoolean(entry.Name, facts.Has(entry.Capability));
        }

        json.WriteEndObject();
        json.WriteStartArray("missingCapabilities");
        foreach (var entry in CapabilityName.Missing(facts))
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteString("without", entry.Without);
            json.WriteBoolean("isSilent", entry.IsSilent);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteDamon(Utf8JsonWriter json, Diagnosis diagnosis)
    {
        var damon = diagnosis.Facts.Damon;
        json.WriteStartObject("damon");
        json.WriteBoolean("hasSysfs", damon.HasSysfs);
        json.WriteString("owner", damon.Owner.ToString());
        WriteStringOrNull(json, "module", Diagnosis.ModuleOf(damon.Owner) ?? "");
        if (damon.OwnerPid > 0)
        {
            json.WriteNumber("ownerPid", damon.OwnerPid);
        }
        else
        {
            json.WriteNull("ownerPid");
        }

        json.WriteStartArray("modules");
        foreach (var module in damon.Modules)
        {
            json.WriteStartObject();
            json.WriteString("module", module.Name);
            WriteBooleanOrNull(json, "isOn", module.IsOn);
            json.WriteNumber("kdamondPid", module.KdamondPid);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("kdamonds");
        foreach (var kdamond in damon.Kdamonds)
        {
            json.WriteStartObject();
            json.WriteNumber("index", kdamond.Index);
            WriteBooleanOrNull(json, "isOn", kdamond.IsOn);
            json.WriteNumber("pid", kdamond.Pid);
            WriteStringOrNull(json, "operations", kdamond.Operations);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (damon.HasSysfs)
        {
            WriteCapabilities(json, diagnosis.Kernel);
        }
        else
        {
            json.WriteNull("can");
        }

        json.WriteEndObject();
    }

    private static void WriteCapabilities(Utf8JsonWriter json, KernelCapabilities kernel)
    {
        json.WriteStartObject("can");
        json.WriteBoolean("isExpected", kernel.IsExpected);
        json.WriteBoolean("filtersCanAllow", kernel.Features.HasFilterAllow);
        json.WriteStartArray("actions");
        foreach (var operations in new[] { KernelOperations.Vaddr, KernelOperations.Paddr })
        {
            foreach (var action in Enum.GetValues<SchemeAction>())
            {
                json.WriteStartObject();
                json.WriteString("action", action.ToString());
                WriteVerdict(json, operations, kernel.Action(action, operations));
                json.WriteStartArray("filters");
                foreach (var filter in Enum.GetValues<SchemeFilterType>().Where(filter => kernel.Filter(filter, action, operations).IsSupported))
                {
                    json.WriteStringValue(filter.ToString());
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteStartArray("goals");
        foreach (var operations in new[] { KernelOperations.Vaddr, KernelOperations.Paddr })
        {
            foreach (var goal in Enum.GetValues<GoalMetric>())
            {
                json.WriteStartObject();
                json.WriteString("goal", goal.ToString());
                WriteVerdict(json, operations, kernel.Goal(goal, operations));
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteVerdict(Utf8JsonWriter json, KernelOperations operations, in KernelVerdict verdict)
    {
        json.WriteString("operations", operations == KernelOperations.Paddr ? "paddr" : "vaddr");
        json.WriteBoolean("supported", verdict.IsSupported);
        json.WriteString("reason", verdict.Refusal.ToString());
        WriteStringOrNull(json, "message", verdict.Message);
    }

    private static void WriteBooleanOrNull(Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } known)
        {
            json.WriteBoolean(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteCapability(Utf8JsonWriter json, bool isAvailable, CapabilityReason reason, string message, string remedy)
    {
        json.WriteBoolean("available", isAvailable);
        json.WriteString("reason", reason.ToString());
        json.WriteString("message", message);
        WriteStringOrNull(json, "remedy", remedy);
        json.WriteEndObject();
    }

    private static void WriteStringOrNull(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length == 0)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, text);
        }
    }
}
