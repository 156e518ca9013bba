using System.Globalization;
using System.Runtime.InteropServices;
using Damon.Engine.Host;

namespace Damon.Footprint.Reports;

/// <summary>What machine this is, for the results.</summary>
internal static class MachineFactsText
{
    /// <summary>Reads it.</summary>
    public static IReadOnlyList<(string Name, string Text)> Read(HostRoot host)
    {
        var cpu = host.ReadText("/proc/cpuinfo").TryGet(out var text) ? text : "";
        var memory = host.ReadText("/proc/meminfo").TryGet(out var meminfo) ? meminfo : "";
        var kernel = host.ReadText("/proc/sys/kernel/osrelease").TryGet(out var release) ? release.Split('-')[0] : "?";
        return
        [
            ("CPU", $"{Field(cpu, "model name")} (family {Field(cpu, "cpu family")}, model {Field(cpu, "model")}), {Environment.ProcessorCount} cores"),
            ("Memory", $"{double.Parse(Field(memory, "MemTotal").Split(' ')[0] is { Length: > 0 } kib ? kib : "0", CultureInfo.InvariantCulture) / (1 << 20):0.0} GiB"),
            ("Kernel", $"Linux {kernel}"),
            ("Agent", $"{RuntimeInformation.FrameworkDescription}, Native AOT, {RuntimeInformation.RuntimeIdentifier}"),
        ];
    }

    private static string Field(string text, string key) =>
        text.Split('\n').Select(line => line.Split(':', 2)).FirstOrDefault(parts => parts.Length == 2 && parts[0].Trim() == key)?[1].Trim() ?? "";
}
