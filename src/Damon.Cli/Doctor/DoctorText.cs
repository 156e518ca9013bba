using Damon.Engine.Host;
using Damon.Engine.Machine;

namespace Damon.Cli.Doctor;

/// <summary>A diagnosis for people, readable at 80 columns.</summary>
internal static class DoctorText
{
    /// <summary>Where values begin: behind the longest name.</summary>
    private const int ValueColumn = 16;

    public static void Write(TextWriter to, Diagnosis diagnosis, int terminalWidth)
    {
        var facts = diagnosis.Facts;
        to.WriteLine("Machine");
        Line("kernel", facts.Kernel.Text.Length > 0 ? facts.Kernel.Text : "unknown");
        Line("architecture", $"{facts.Architecture}, pages of {Format.Bytes((ulong)facts.PageSizeBytes)}");
        Line("memory", diagnosis.IsMemoryKnown ? $"{Format.Bytes(facts.Memory.TotalBytes)}, {Format.Bytes(facts.Memory.AvailableBytes)} available" : "unknown");
        Line("swap", Swap(diagnosis));
        Line("huge pages", HugePages(facts.HugePages));
        Line("NUMA nodes", facts.NumaNodes.Count == 0 ? "unknown" : string.Join(", ", facts.NumaNodes));
        Line("memory tiers", facts.Tiers.Message);
        Line("cgroups", Cgroups(facts.Cgroups));
        Line("pressure", facts.HasMemoryPressure ? "memory pressure can be read" : "memory pressure cannot be read");
        Line("capabilities", Names(facts, held: true));
        Line("  not held", Names(facts, held: false));
        foreach (var missing in CapabilityName.Missing(facts))
        {
            Line("", $"without {missing.Name}: {missing.Without}{(missing.IsSilent ? " The kernel reports no error." : "")}");
        }

        Line("advice", facts.Advice.Message);
        Line("kernel's DAMON", diagnosis.DamonUse);

        to.WriteLine();
        to.WriteLine("Backends");
        foreach (var backend in diagnosis.Backends)
        {
            WriteCapability(backend.Backend.ToString(), backend.IsAvailable, backend.Reason, backend.Message, Remedies.Of(backend));
        }

        Line("Auto takes", diagnosis.Auto.Backend is { } chosen ? chosen.ToString() : $"nothing ({diagnosis.Auto.Reason}). {diagnosis.AutoHint}");

        to.WriteLine();
        to.WriteLine("Actions");
        foreach (var alike in diagnosis.Actions.GroupBy(action => (action.IsAvailable, action.Reason, action.Message)))
        {
            WriteCapability(string.Join(", ", alike.Select(action => action.Action)), alike.Key.IsAvailable, alike.Key.Reason, alike.Key.Message, Remedies.Of(alike.First()));
        }

        KernelDamonText.Write(to, diagnosis, terminalWidth);

        if (diagnosis.Findings.Count > 0)
        {
            to.WriteLine();
            to.WriteLine("Findings");
        }

        foreach (var finding in diagnosis.Findings)
        {
            to.WriteLine("  " + finding.Reason);
            Line("", finding.Message);
            WriteRemedy(finding.Remedy);
        }

        to.Flush();

        void Line(string name, string value) => FoldedText.Write(to, "  " + name, ValueColumn + 2, value, terminalWidth);

        void WriteCapability(string name, bool isAvailable, CapabilityReason reason, string message, string remedy)
        {
            // Several names stand on lines of their own.
            if (name.Length >= ValueColumn)
            {
                FoldedText.Write(to, "", 2, name, terminalWidth);
                name = "";
            }

            var word = !isAvailable ? "no" : reason == CapabilityReason.OptInOnly ? "if named" : "yes";
            Line(name, $"{word} ({reason})");
            Line("", message);
            WriteRemedy(remedy);
        }

        void WriteRemedy(string remedy)
        {
            if (remedy.Length > 0)
            {
                Line("", "-> " + remedy);
            }
        }
    }

    private static string Swap(Diagnosis diagnosis)
    {
        var memory = diagnosis.Facts.Memory;
        if (diagnosis.HasNoSwap)
        {
            return "none: anonymous memory cannot be paged out";
        }

        var devices = diagnosis.Facts.Swaps.Count == 0 ? "" : $" on {string.Join(", ", diagnosis.Facts.Swaps.Select(device => device.Path))}";
        return diagnosis.IsMemoryKnown ? $"{Format.Bytes(memory.SwapTotalBytes)}, {Format.Bytes(memory.SwapFreeBytes)} free{devices}" : $"unknown size{devices}";
    }

    private static string HugePages(TransparentHugePageMode mode) => mode switch
    {
        TransparentHugePageMode.Always => "always",
        TransparentHugePageMode.MAdvise => "where a program asks for them (madvise)",
        TransparentHugePageMode.Never => "never",
        _ => "unknown",
    };

    private static string Cgroups(in CgroupLayout cgroups)
    {
        var version = cgroups.Version switch
        {
            CgroupVersion.V1 => "v1",
            CgroupVersion.V2 => "v2",
            CgroupVersion.Hybrid => "v1 and v2",
            _ => "none",
        };
        return cgroups switch
        {
            { Version: CgroupVersion.None } => version,
            { MemoryRoot.Length: 0 } => $"{version}, memory is not accounted",
            _ => $"{version}, memory in {(cgroups.MemoryIsV2 ? "v2" : "v1")} at {cgroups.MemoryRoot}",
        };
    }

    private static string Names(MachineFacts facts, bool held)
    {
        var names = string.Join(", ", CapabilityName.All.Where(entry => facts.Has(entry.Capability) == held).Select(entry => entry.Name));
        return names.Length == 0 ? "none of those that matter here" : names;
    }
}
