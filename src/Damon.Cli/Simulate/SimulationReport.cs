using System.Text.Json;
using Damon.Cli.Heatmaps;
using Damon.Engine.Simulation;
using Damon.Patterns;

namespace Damon.Cli.Simulate;

/// <summary>What a simulation found and did, against the truth.</summary>
internal static class SimulationReport
{
    /// <summary>Shares are written with six decimals: enough to compare, and the same text on every machine.</summary>
    private const int ShareDecimals = 6;

    public static void WriteJson(Stream to, PatternSimulation run, WorkloadPattern pattern, ulong seed, TimeSpan duration)
    {
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Indented = true });
        var session = run.Session;
        json.WriteStartObject();
        json.WriteString("workload", pattern.Name);
        json.WriteNumber("seed", seed);
        json.WriteNumber("durationSeconds", duration.TotalSeconds);
        json.WriteNumber("memoryBytes", run.Memory.TotalBytes);
        WriteDetection(json, "hot", run.Meter.Hot);
        WriteDetection(json, "cold", run.Meter.Cold);
        TotalsOf(run).WriteJson(json);
        json.WriteStartObject("regions");
        json.WriteNumber("min", run.MinRegions);
        json.WriteNumber("max", run.MaxRegions);
        json.WriteEndObject();
        json.WriteStartObject("probesPerInterval");
        json.WriteNumber("max", session.MaxProbesPerInterval);
        json.WriteEndObject();
        json.WriteNumber("sampleIntervals", run.Samples);
        json.WriteNumber("aggregations", session.Aggregations);
        json.WriteNumber("measuredAggregations", run.Meter.Windows);
        json.WriteStartArray("workloadRegions");
        for (var i = 0; i < pattern.Regions.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("name", pattern.Regions[i].Name);
            json.WriteNumber("bytes", run.Memory.RangeOf(i).SizeBytes);
            WriteShare(json, "trueAccessRate", run.Meter.TrueRateOf(i));
            WriteShare(json, "foundAccessRate", run.Meter.FoundRateOf(i));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("schemes");
        foreach (var scheme in session.Schemes)
        {
            SchemeJson.Write(json, scheme);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteText(TextWriter to, PatternSimulation run, WorkloadPattern pattern, ulong seed, TimeSpan duration)
    {
        var session = run.Session;
        to.WriteLine($"{pattern.Name}: {Format.Bytes(run.Memory.TotalBytes)}, {Format.Duration(duration)} simulated, seed {seed}");
        to.WriteLine($"  hot   precision {Format.Share(run.Meter.Hot.Precision)}  recall {Format.Share(run.Meter.Hot.Recall)}");
        to.WriteLine($"  cold  precision {Format.Share(run.Meter.Cold.Precision)}  recall {Format.Share(run.Meter.Cold.Recall)}");
        to.WriteLine($"  regions {run.MinRegions} to {run.MaxRegions}, at most {session.MaxProbesPerInterval} probes per sample interval, {run.Meter.Windows} of {session.Aggregations} aggregations measured");
        to.WriteLine();
        to.WriteLine("  region                 size   true rate  found rate");
        for (var i = 0; i < pattern.Regions.Count; i++)
        {
            to.WriteLine($"  {pattern.Regions[i].Name,-18} {Format.Bytes(run.Memory.RangeOf(i).SizeBytes),9} {Format.Share(run.Meter.TrueRateOf(i)),11} {Format.Share(run.Meter.FoundRateOf(i)),11}");
        }

        to.WriteLine();
        foreach (var scheme in session.Schemes)
        {
            SchemeText.Write(to, scheme);
        }

        TotalsOf(run).WriteText(to);
        HeatmapText.Write(to, run.Heatmap, session.Intervals.Aggregation);
    }

    private static SchemeTotals TotalsOf(PatternSimulation run) => new(run.Session, run.AverageAwayBytes, run.Memory.FalsePositiveBytes);

    private static void WriteDetection(Utf8JsonWriter json, string name, DetectionCounts counts)
    {
        json.WriteStartObject(name);
        WriteShare(json, "precision", counts.Precision);
        WriteShare(json, "recall", counts.Recall);
        json.WriteEndObject();
    }

    private static void WriteShare(Utf8JsonWriter json, string name, double share) => json.WriteNumber(name, Math.Round((decimal)share, ShareDecimals));
}
