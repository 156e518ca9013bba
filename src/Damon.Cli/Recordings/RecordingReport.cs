using System.Globalization;
using System.Text.Json;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;

namespace Damon.Cli.Recordings;

/// <summary>What <c>damonctl recording show</c> says.</summary>
internal static class RecordingReport
{
    private const int ShownTargets = 20;

    private static readonly int[] Percentiles = [0, 25, 50, 75, 100];

    public static void WriteJson(Stream to, string file, RecordingSummary summary, RecordingReader reader, RecordingReadOutcome end)
    {
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("recording", file);
        json.WriteString("end", end.ToString());
        json.WriteString("error", reader.Error);
        json.WriteNumber("droppedBytes", reader.DroppedBytes);
        json.WriteNumber("recordingBytes", reader.GoodBytes);
        json.WriteNumber("durationSeconds", summary.Duration.TotalSeconds);
        json.WriteNumber("snapshots", summary.Snapshots);
        json.WriteNumber("intervalChanges", summary.IntervalChanges);
        WriteIntervals(json, "firstIntervals", summary.FirstIntervals);
        WriteIntervals(json, "lastIntervals", summary.LastIntervals);
        json.WriteNumber("mostRegions", summary.MostRegions);
        json.WriteNumber("mostBytes", summary.MostBytes);
        WriteWorkingSet(json, summary.WorkingSetPercentile);
        json.WriteStartArray("segments");
        foreach (var segment in summary.Segments)
        {
            json.WriteStartObject();
            if (segment.Began is { } began)
            {
                json.WriteString("began", began.ToString("O", CultureInfo.InvariantCulture));
            }
            else
            {
                json.WriteNull("began");
            }

            json.WriteNumber("aggregationsPerSnapshot", segment.Every);
            json.WriteBoolean("schemesResetAges", segment.SchemesResetAges);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("targets");
        foreach (var target in summary.Targets)
        {
            json.WriteStartObject();
            json.WriteNumber("id", target.Id);
            json.WriteString("name", target.Name);
            json.WriteNumber("snapshots", target.Snapshots);
            json.WriteNumber("mostRegions", target.MostRegions);
            json.WriteNumber("mostBytes", target.MostBytes);
            WriteWorkingSet(json, target.WorkingSetPercentile);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteText(TextWriter to, string file, RecordingSummary summary, RecordingReader reader, RecordingReadOutcome end)
    {
        to.WriteLine($"{file}: {summary.Snapshots} snapshots, {Format.Duration(summary.Duration)} sampled, {Format.Bytes(reader.GoodBytes)} of file, {EndOf(reader, end)}");
        foreach (var segment in summary.Segments)
        {
            // A recording of another tool may count from the start of the machine.
            var began = segment.Began is { Year: >= 2000 } at ? $"began {at:yyyy-MM-dd HH:mm:ss} UTC" : "began at an unknown time";
            to.WriteLine($"  segment {began}{(segment.Every > 1 ? $", one snapshot for {segment.Every} aggregations" : "")}"
                + (segment.SchemesResetAges ? ", beside schemes that start ages anew where they match" : ""));
        }

        if (summary is { FirstIntervals: { } first, LastIntervals: { } last })
        {
            to.WriteLine($"  intervals {Text(first)}{(summary.IntervalChanges > 0 ? $", at the end {Text(last)}, changed {summary.IntervalChanges} times" : "")}");
        }

        to.WriteLine($"  at most {summary.MostRegions} regions and {Format.Bytes(summary.MostBytes)} at a time");
        to.WriteLine();
        to.WriteLine($"  working set (accessed at all in an aggregation){Header()}");
        to.WriteLine($"  {"all",-47}{Row(summary.WorkingSetPercentile)}");
        foreach (var target in summary.Targets.OrderByDescending(target => target.MostBytes).Take(ShownTargets))
        {
            var name = $"{target.Id} {Printable(target.Name)}";
            to.WriteLine($"  {(name.Length > 26 ? name[..26] : name),-26} {"of " + Format.Bytes(target.MostBytes),-20}{Row(target.WorkingSetPercentile)}");
        }

        if (summary.Targets.Count > ShownTargets)
        {
            to.WriteLine($"  and {summary.Targets.Count - ShownTargets} smaller targets; -o json lists them");
        }
    }

    private static string EndOf(RecordingReader reader, RecordingReadOutcome end) => end switch
    {
        RecordingReadOutcome.End => "whole",
        RecordingReadOutcome.TornTail => $"a torn tail of {reader.DroppedBytes} bytes left out",
        _ => $"damaged: {reader.Error}",
    };

    private static string Header() => string.Concat(Percentiles.Select(percent => $"{percent + "%",10}"));

    private static string Row(Func<int, ulong> percentile) => string.Concat(Percentiles.Select(percent => $"{Format.Bytes(percentile(percent)),10}"));

    private static string Text(MonitoringIntervals intervals) =>
        $"sample {Format.Duration(intervals.Sample)}, aggregation {Format.Duration(intervals.Aggregation)}, update {Format.Duration(intervals.Update)}";

    /// <summary>A name comes from a process, or from a file of anybody: nothing of it may steer the terminal.</summary>
    private static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));

    private static void WriteIntervals(Utf8JsonWriter json, string name, MonitoringIntervals? intervals)
    {
        if (intervals is not { } given)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("sampleMs", (decimal)given.Sample.Ticks / TimeSpan.TicksPerMillisecond);
        json.WriteNumber("aggregationMs", (decimal)given.Aggregation.Ticks / TimeSpan.TicksPerMillisecond);
        json.WriteNumber("updateMs", (decimal)given.Update.Ticks / TimeSpan.TicksPerMillisecond);
        json.WriteEndObject();
    }

    private static void WriteWorkingSet(Utf8JsonWriter json, Func<int, ulong> percentile)
    {
        json.WriteStartObject("workingSetBytes");
        foreach (var percent in Percentiles)
        {
            json.WriteNumber($"p{percent}", percentile(percent));
        }

        json.WriteEndObject();
    }
}
