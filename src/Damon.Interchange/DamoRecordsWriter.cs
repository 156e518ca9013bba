using System.Globalization;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;

namespace Damon.Interchange;

/// <summary>Writes a recording as damo's records, which <c>damo report access --input</c> and its other reports take.</summary>
public static class DamoRecordsWriter
{
    /// <summary>Writes a recording. Records are by target there and by time here: all of it is held in memory.</summary>
    /// <param name="reader">The recording, at its beginning; read to its end.</param>
    /// <param name="to">Where to; left open.</param>
    /// <param name="isCompressed">By zlib, as damo records by default; else plain JSON.</param>
    /// <param name="notes">What is not the same; empty where writing did not begin.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How the recording ended. Nothing is written unless it ended with <see cref="RecordingReadOutcome.End"/> or <see cref="RecordingReadOutcome.TornTail"/>.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static RecordingReadOutcome Write(RecordingReader reader, Stream to, bool isCompressed, out IReadOnlyList<InterchangeNote> notes, CancellationToken cancellation = default)
    {
        var noted = new HashSet<InterchangeNote>();
        notes = [];
        var records = new List<Record>();
        var open = new Dictionary<int, Record>();
        RecordingReadOutcome end;
        while ((end = reader.Read()) == RecordingReadOutcome.Snapshot)
        {
            cancellation.ThrowIfCancellationRequested();
            Gather(reader, records, open, noted);
        }

        if (end is not (RecordingReadOutcome.End or RecordingReadOutcome.TornTail))
        {
            return end;
        }

        notes = [.. noted];
        if (isCompressed)
        {
            using var zlib = new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true);
            Write(records, zlib, cancellation);
        }
        else
        {
            Write(records, to, cancellation);
        }

        return end;
    }

    private static void Gather(RecordingReader reader, List<Record> records, Dictionary<int, Record> open, HashSet<InterchangeNote> notes)
    {
        var snapshot = reader.Snapshot!;
        var segment = reader.Segment!;
        if (segment.Every > 1)
        {
            notes.Add(new InterchangeNote("segment", "snapshots that stand for several aggregations become snapshots of one"));
        }

        foreach (var target in snapshot.Targets)
        {
            if (target.IsNew || !open.TryGetValue(target.Id, out var record) || !record.CanTake(snapshot.Intervals))
            {
                record = new Record(reader.Segments, target.Id, snapshot.Intervals);
                records.Add(record);
                open[target.Id] = record;
            }

            if (target.Name.Length > 0)
            {
                notes.Add(new InterchangeNote("targets", "names of targets are left out"));
            }

            if (target.MissedSamples > 0)
            {
                notes.Add(new InterchangeNote("targets", "that a target was not looked at for a while is left out: it reads as not accessed"));
            }

            if (target.Granularity == ProbeGranularity.Mapping)
            {
                notes.Add(new InterchangeNote("targets", "that regions are whole mappings, accessed in part, is left out"));
            }

            record.Add(segment.Began is { } began ? (began - DateTimeOffset.UnixEpoch) + snapshot.Time : snapshot.Time, snapshot.Intervals, target.Regions);
        }
    }

    private static void Write(List<Record> records, Stream to, CancellationToken cancellation)
    {
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { Indented = true, IndentSize = 4, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
        foreach (var record in records)
        {
            json.WriteStartObject();
            json.WriteNumber("kdamond_idx", 0);

            // Another segment is another run; damo merges the records of one context.
            json.WriteNumber("context_idx", record.Segment - 1);
            json.WriteStartObject("intervals");
            json.WriteString("sample_us", Microseconds(record.Intervals.Sample));
            json.WriteString("aggr_us", Microseconds(record.Intervals.Aggregation));
            json.WriteString("ops_update_us", Microseconds(record.Intervals.Update));
            json.WriteStartObject("intervals_goal");
            json.WriteString("access_bp", "0.000000");
            json.WriteString("aggrs", "0");
            json.WriteString("min_sample_us", "0");
            json.WriteString("max_sample_us", "0");
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteNull("scheme_idx");
            json.WriteNumber("target_id", record.Target);
            json.WriteStartArray("scheme_filters");
            json.WriteEndArray();
            json.WriteStartArray("snapshots");
            foreach (var snapshot in record.Snapshots)
            {
                cancellation.ThrowIfCancellationRequested();
                Write(json, snapshot, record.Intervals);
                json.Flush();
            }

            json.WriteEndArray();
            json.WriteString("data_source", "unknown");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        to.Write("\n"u8);
    }

    private static void Write(Utf8JsonWriter json, Snapshot snapshot, in MonitoringIntervals intervals)
    {
        ulong total = 0;
        json.WriteStartObject();
        json.WriteString("start_time", Nanoseconds(snapshot.Start));
        json.WriteString("end_time", Nanoseconds(snapshot.End));
        json.WriteStartArray("regions");
        foreach (var region in snapshot.Regions.Span)
        {
            total += region.SizeBytes;
            json.WriteStartObject();
            json.WriteString("start", DamoQuantity.OfNumber(region.Start));
            json.WriteString("end", DamoQuantity.OfNumber(region.End));
            json.WriteStartObject("nr_accesses");
            json.WriteNumber("samples", region.Accesses);
            json.WriteNull("percent");
            json.WriteEndObject();
            json.WriteStartObject("age");
            json.WriteNull("usec");
            json.WriteString("aggr_intervals", DamoQuantity.OfNumber(region.Age));
            json.WriteEndObject();
            json.WriteStartArray("probe_hits");
            json.WriteEndArray();
            json.WriteString("sz_filter_passed", "0 B");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("total_bytes", total.ToString(CultureInfo.InvariantCulture));
        json.WriteNull("damos_stats");
        if (snapshot.Intervals.Sample == intervals.Sample)
        {
            json.WriteNull("sample_interval_us");
        }
        else
        {
            json.WriteString("sample_interval_us", Microseconds(snapshot.Intervals.Sample));
        }

        json.WriteEndObject();
    }

    private static string Microseconds(TimeSpan time) => (time.Ticks / 10m).ToString("0.#", CultureInfo.InvariantCulture);

    private static string Nanoseconds(TimeSpan time) => (time.Ticks * 100m).ToString("0", CultureInfo.InvariantCulture);

    private sealed class Record(int segment, int target, MonitoringIntervals intervals)
    {
        public int Segment { get; } = segment;

        public int Target { get; } = target;

        public MonitoringIntervals Intervals { get; } = intervals;

        public List<Snapshot> Snapshots { get; } = [];

        /// <summary>A snapshot can say that its sample interval was another, as long as the ratio of the intervals stays.</summary>
        public bool CanTake(in MonitoringIntervals other) =>
            other.Update == Intervals.Update && (Int128)other.Aggregation.Ticks * Intervals.Sample.Ticks == (Int128)Intervals.Aggregation.Ticks * other.Sample.Ticks;

        public void Add(TimeSpan end, MonitoringIntervals intervals, ReadOnlyMemory<RecordedRegion> regions)
        {
            // Snapshots follow each other; after a pause one begins an aggregation before its end.
            var start = Snapshots.Count > 0 && end - Snapshots[^1].End <= 2 * intervals.Aggregation ? Snapshots[^1].End : end - intervals.Aggregation;
            Snapshots.Add(new Snapshot(start < TimeSpan.Zero ? TimeSpan.Zero : start, end, intervals, regions));
        }
    }

    private sealed record Snapshot(TimeSpan Start, TimeSpan End, MonitoringIntervals Intervals, ReadOnlyMemory<RecordedRegion> Regions);
}
