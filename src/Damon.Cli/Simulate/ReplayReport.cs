using System.Text.Json;
using Damon.Cli.Heatmaps;

namespace Damon.Cli.Simulate;

/// <summary>What schemes found and did in a recording.</summary>
internal static class ReplayReport
{
    public static void WriteJson(Stream to, string file, RecordingSimulation run)
    {
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Indented = true });
        var replay = run.Replay;
        var session = replay.Session!;
        json.WriteStartObject();
        json.WriteString("recording", file);
        json.WriteNumber("durationSeconds", session.Elapsed.TotalSeconds);
        json.WriteNumber("snapshots", replay.Snapshots);
        json.WriteNumber("aggregations", session.Aggregations);
        json.WriteNumber("segments", run.Reader.Segments);
        json.WriteNumber("droppedBytes", run.Reader.DroppedBytes);
        json.WriteBoolean("agesWereReset", replay.AgesWereReset);
        json.WriteNumber("memoryBytes", replay.MostBytes);
        TotalsOf(run).WriteJson(json);
        json.WriteStartObject("regions");
        json.WriteNumber("min", replay.FewestRegions);
        json.WriteNumber("max", replay.MostRegions);
        json.WriteEndObject();
        json.WriteStartArray("schemes");
        foreach (var scheme in session.Schemes)
        {
            SchemeJson.Write(json, scheme);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteText(TextWriter to, string file, RecordingSimulation run, int width)
    {
        var replay = run.Replay;
        var session = replay.Session!;
        to.WriteLine($"{file}: {replay.Snapshots} snapshots, {Format.Duration(session.Elapsed)} replayed, at most {Format.Bytes(replay.MostBytes)}");
        to.WriteLine($"  regions {replay.FewestRegions} to {replay.MostRegions}, {session.Aggregations} aggregations");
        if (replay.AgesWereReset)
        {
            FoldedText.Write(
                to, "  note:", 8, "it was recorded beside schemes that start ages anew where they match; a scheme for older memory finds too little here. Record beside a Stat scheme alone.", width);
        }

        to.WriteLine();
        foreach (var scheme in session.Schemes)
        {
            SchemeText.Write(to, scheme);
        }

        TotalsOf(run).WriteText(to);
        if (run.Heatmap is { } heatmap)
        {
            HeatmapText.Write(to, heatmap, session.Intervals.Aggregation);
        }
    }

    private static SchemeTotals TotalsOf(RecordingSimulation run) => new(run.Replay.Session!, run.Replay.AverageAwayBytes, run.Replay.ReturnedBytes);
}
