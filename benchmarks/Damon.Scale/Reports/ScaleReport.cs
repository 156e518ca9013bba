using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Damon.Scale.Commands;

namespace Damon.Scale.Reports;

/// <summary>What a run found.</summary>
/// <param name="options">How large it was.</param>
internal sealed class ScaleReport(ScaleOptions options)
{
    private static readonly JsonSerializerOptions JsonForm = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public List<Bar> Bars { get; } = [];

    public List<PhaseReport> Phases { get; } = [];

    /// <summary>The API server's version, and what else the figures depend on.</summary>
    public Dictionary<string, string> Machine { get; } = new()
    {
        ["commit"] = options.Commit,
        ["cpu"] = CpuName(),
        ["cores"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        ["system"] = RuntimeInformation.OSDescription,
        ["dotnet"] = RuntimeInformation.FrameworkDescription,
    };

    /// <summary>Why the run did not come to its end, or null.</summary>
    public string? Fault { get; set; }

    public string Json() => JsonSerializer.Serialize(
        new
        {
            options.Nodes,
            options.Schemes,
            Seconds = new { Quiet = options.Quiet.TotalSeconds, Steady = options.Steady.TotalSeconds, Soak = options.Soak.TotalSeconds },
            options.Seed,
            Machine,
            Fault,
            Bars,
            Phases,
        },
        JsonForm) + "\n";

    public string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine($"# {options.Nodes} nodes, {options.Schemes} schemes").AppendLine().AppendLine("| | |").AppendLine("| --- | --- |");
        foreach (var (name, value) in Machine)
            text.AppendLine($"| {name} | {value} |");
        if (Fault is not null)
            text.AppendLine().AppendLine($"**The run did not come to its end: {Fault}**");
        text.AppendLine().AppendLine("| law | measured | bar | verdict |").AppendLine("| --- | ---: | ---: | --- |");
        foreach (var bar in Bars)
            text.AppendLine($"| {bar.Law}{(bar.Note.Length == 0 ? "" : $" ({bar.Note})")} | {Number(bar.Value)} {bar.Unit} | ≤ {Number(bar.Bound)} {bar.Unit} | {(bar.Holds ? "holds" : "does not hold")} |");

        Row("phase", phase => phase.Name);
        text.AppendLine("| --- |" + string.Concat(Phases.Select(_ => " ---: |")));
        Row("seconds", phase => Number(phase.Seconds));
        Row("operator's writes", phase => $"{phase.OperatorWrites.Values.Sum()}: {List(phase.OperatorWrites)}");
        Row("operator's writes a second", phase => Number(phase.OperatorWritesPerSecond));
        Row("operator's reads", phase => List(phase.OperatorReads));
        Row("operator's requests that were refused", phase => List(phase.OperatorRefused));
        Row("agents' status writes", phase => Number(phase.AgentStatusWrites));
        Row("all stored changes a second", phase => Number(phase.StorageRevisionsPerSecond));
        Row("operator to API server, KiB a second", phase => Number(phase.BytesUpPerSecond / 1024));
        Row("API server to operator, KiB a second", phase => Number(phase.BytesDownPerSecond / 1024));
        Row("API server to storage, KiB a second", phase => Number(phase.StorageBytes / phase.Seconds / 1024));
        Row("CPU seconds: operator", phase => Number(phase.OperatorCpuSeconds));
        Row("CPU seconds: API server", phase => Number(phase.ApiServerCpuSeconds));
        Row("CPU seconds: server of our kinds", phase => Number(phase.DefinitionsCpuSeconds));
        Row("CPU seconds: etcd", phase => Number(phase.EtcdCpuSeconds));
        Row("CPU seconds: simulated agents", phase => Number(phase.SimulationCpuSeconds));
        Row("operator's memory at the end, MiB", phase => Number(phase.OperatorResidentBytes / 1048576.0));
        Row("operator's peak memory so far, MiB", phase => Number(phase.OperatorPeakBytes / 1048576.0));
        Row("reconciles", phase => List(phase.Reconciles.ToDictionary(pair => pair.Key, pair => (int)pair.Value)));
        Row("reconcile p50, ms", phase => phase.ReconcileP50Seconds is { } seconds ? $"≤ {Number(seconds * 1000)}" : "-");
        Row("reconcile p99, ms", phase => phase.ReconcileP99Seconds is { } seconds ? $"≤ {Number(seconds * 1000)}" : "-");
        foreach (var note in Phases.SelectMany(phase => phase.Notes.Keys).Distinct().ToList())
            Row(note, phase => phase.Notes.TryGetValue(note, out var value) ? Number(value) : "");
        return text.ToString();

        void Row(string name, Func<PhaseReport, string> value)
        {
            if (name == "phase")
                text.AppendLine();
            text.Append($"| {name} |");
            foreach (var phase in Phases)
                text.Append($" {value(phase)} |");
            text.AppendLine();
        }
    }

    private static string List(IReadOnlyDictionary<string, int> counts) =>
        counts.Count == 0 ? "none" : string.Join(", ", counts.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value} {pair.Key}"));

    private static string Number(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

#pragma warning disable RS0030 // Of the machine that was measured.
    private static string CpuName() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown"
        : "unknown";
#pragma warning restore RS0030
}
