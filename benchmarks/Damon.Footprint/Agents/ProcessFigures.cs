using System.Globalization;
using Damon.Engine.Host;

namespace Damon.Footprint.Agents;

/// <summary>What the kernel says a process uses.</summary>
/// <param name="ResidentBytes">VmRSS.</param>
/// <param name="PeakBytes">VmHWM: the most that VmRSS ever was.</param>
/// <param name="AnonymousBytes">RssAnon: its own memory.</param>
/// <param name="FileBytes">RssFile: the parts of its program and libraries that are in use, which the kernel can drop and read again.</param>
/// <param name="Threads">Threads.</param>
/// <param name="User">CPU time in user mode so far, all threads.</param>
/// <param name="System">CPU time in the kernel so far, all threads.</param>
internal sealed record ProcessFigures(ulong ResidentBytes, ulong PeakBytes, ulong AnonymousBytes, ulong FileBytes, int Threads, TimeSpan User, TimeSpan System)
{
    /// <summary>Of proc(5): what times in /proc/PID/stat are counted in, on every architecture that .NET runs on.</summary>
    private const int TicksPerSecond = 100;

    /// <summary>CPU time so far.</summary>
    public TimeSpan Cpu => User + System;

    /// <summary>Reads them.</summary>
    /// <param name="host">Where /proc is.</param>
    /// <param name="pid">Which process.</param>
    /// <returns>Null where there is no such process any more.</returns>
    public static ProcessFigures? Read(HostRoot host, int pid) =>
        host.ReadText($"/proc/{pid}/status").TryGet(out var status) && host.ReadText($"/proc/{pid}/stat").TryGet(out var stat) ? Parse(status, stat) : null;

    /// <summary>Reads the texts of <c>status</c> and <c>stat</c>.</summary>
    /// <returns>Null for those of a process that has ended: its status has no sizes.</returns>
    internal static ProcessFigures? Parse(string status, string stat)
    {
        var fields = status.Split('\n').Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1].Trim(), StringComparer.Ordinal);

        // The name, in brackets, may hold anything; behind it the third field follows.
        var times = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.ContainsKey("VmRSS") && times.Length > 12
            ? new ProcessFigures(
                Bytes("VmRSS"), Bytes("VmHWM"), Bytes("RssAnon"), Bytes("RssFile"), int.Parse(fields.GetValueOrDefault("Threads", "0"), CultureInfo.InvariantCulture), Time(times[11]), Time(times[12]))
            : null;

        ulong Bytes(string field) => fields.TryGetValue(field, out var text) ? ulong.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture) * 1024 : 0;

        static TimeSpan Time(string ticks) => TimeSpan.FromSeconds(double.Parse(ticks, CultureInfo.InvariantCulture) / TicksPerSecond);
    }
}
