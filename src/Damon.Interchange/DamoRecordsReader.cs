using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;

namespace Damon.Interchange;

/// <summary>
/// Reads damo's records of monitoring results: the JSON that <c>damo record --output_type json</c> writes or <c>damo report access --json</c> prints, and the same
/// compressed by zlib, as <c>damo record</c> writes it by default.
/// </summary>
public static class DamoRecordsReader
{
    /// <summary>The largest file, in bytes, after it was decompressed (512 MiB).</summary>
    public const int MaxBytes = 512 << 20;

    private const byte ZlibMark = 0x78;
    private const uint MaxSamples = 1_000_000;
    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(720);

    /// <summary>Reads a file.</summary>
    /// <param name="stream">The file; read to its end and left open.</param>
    /// <returns>The runs with notes, or the error.</returns>
    public static DamoRecordsReadResult Read(Stream stream)
    {
        try
        {
            return Read(AllOf(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new([], [], e.Message);
        }
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">The JSON, or the same compressed by zlib.</param>
    /// <returns>The runs with notes, or the error.</returns>
    public static DamoRecordsReadResult Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (bytes.Length > 0 && bytes.Span[0] == ZlibMark)
            {
                using var zlib = new ZLibStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
                bytes = AllOf(zlib);
            }

            var parser = new DamoRecordsParser();
            parser.Parse(bytes.Span);
            var notes = new HashSet<InterchangeNote>(parser.Notes);
            var runs = Runs(parser.Records, notes);
            return new(runs, [.. notes], "");
        }
        catch (JsonException e)
        {
            return new([], [], $"line {(e.LineNumber ?? 0) + 1}: it is not valid JSON");
        }
        catch (InvalidDataException e)
        {
            return new([], [], e.Message);
        }
    }

    /// <summary>Writes runs behind each other into a recording.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="to">Can be read, written and positioned; a recording in it is continued.</param>
    /// <param name="cancellation">Ends the checking of a long recording.</param>
    /// <returns>Why it could not be written; empty where it was.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static string Write(IEnumerable<RecordedRun> runs, Stream to, CancellationToken cancellation = default)
    {
        foreach (var run in runs)
        {
            var opening = RecordingWriter.Open(to, run.Segment, cancellation);
            if (opening.Writer is not { } writer)
            {
                return opening.Error;
            }

            foreach (var snapshot in run.Snapshots)
            {
                cancellation.ThrowIfCancellationRequested();
                if (writer.Append(snapshot) != RecordingWriteOutcome.Written)
                {
                    return writer.LastError;
                }
            }
        }

        return "";
    }

    private static byte[] AllOf(Stream stream)
    {
        using var all = new MemoryStream();
        var chunk = new byte[1 << 16];
        while (stream.Read(chunk) is > 0 and var read)
        {
            if (all.Length + read > MaxBytes)
            {
                throw new InvalidDataException($"it holds more than {MaxBytes >> 20} MiB");
            }

            all.Write(chunk, 0, read);
        }

        return all.ToArray();
    }

    /// <summary>Records of one context and one set of intervals are the targets of one run.</summary>
    private static List<RecordedRun> Runs(List<DamoRecord> records, HashSet<InterchangeNote> notes)
    {
        var runs = new List<RecordedRun>();
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var used = new HashSet<int>();
        foreach (var group in records.GroupBy(record => (record.Kdamond, record.Context, record.Scheme, record.SampleNanoseconds, record.AggregationNanoseconds, record.UpdateNanoseconds)))
        {
            var moments = new List<Moment>();
            foreach (var target in group.GroupBy(record => record.Target ?? "", StringComparer.Ordinal))
            {
                var id = Identify(target.Key, ids, used);
                var name = target.Key.Length == 0 ? "" : $"damo target {target.Key}";
                var isFirst = true;
                foreach (var snapshot in target.SelectMany(record => record.Snapshots).OrderBy(snapshot => snapshot.End))
                {
                    var intervals = IntervalsOf(target.First(), snapshot, notes);
                    var recorded = new RecordedTarget(id, name, RegionsOf(snapshot, intervals, notes)) { IsNew = isFirst };
                    moments.Add(new Moment(snapshot.Start ?? snapshot.End, snapshot.End, intervals, recorded));
                    isFirst = false;
                }
            }

            if (moments.Count > 0)
            {
                runs.Add(RunOf(moments));
            }
        }

        return runs;
    }

    private static RecordedRun RunOf(List<Moment> moments)
    {
        moments.Sort((a, b) => a.End.CompareTo(b.End));
        var began = Math.Min(moments[0].Start, moments[0].End);
        var snapshots = new List<RecordedSnapshot>();
        var targets = new List<RecordedTarget>();
        var first = moments[0];
        foreach (var moment in moments)
        {
            // Targets of one aggregation are reported one after the other, within much less than an aggregation.
            var isSame = moment.Intervals == first.Intervals && moment.End - first.End < moment.Intervals.Aggregation.Ticks * 100m / 2
                && !targets.Exists(target => target.Id == moment.Target.Id);
            if (!isSame && targets.Count > 0)
            {
                snapshots.Add(new RecordedSnapshot(TimeOf(first.End - began), first.Intervals, [.. targets]));
                targets.Clear();
            }

            if (targets.Count == 0)
            {
                first = moment;
            }

            targets.Add(moment.Target);
        }

        snapshots.Add(new RecordedSnapshot(TimeOf(first.End - began), first.Intervals, [.. targets]));
        var ticks = decimal.Floor(began / 100);
        var isMoment = ticks > 0 && ticks < (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks;
        return new RecordedRun(new RecordedSegment { Began = isMoment ? DateTimeOffset.UnixEpoch.AddTicks((long)ticks) : null }, snapshots);
    }

    private static TimeSpan TimeOf(decimal nanoseconds) => TimeSpan.FromTicks((long)Math.Min(long.MaxValue, decimal.Round(nanoseconds / 100)));

    /// <summary>A small number is kept: it is an index or a process. The kernel's pointers, which older versions print, are numbered.</summary>
    private static int Identify(string target, Dictionary<string, int> ids, HashSet<int> used)
    {
        if (ids.TryGetValue(target, out var id))
        {
            return id;
        }

        if (!int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out id) || !used.Add(id))
        {
            // At most as many tries as there are small numbers in front of it.
            id = ids.Count;
            while (!used.Add(id))
            {
                id++;
            }
        }

        ids.Add(target, id);
        return id;
    }

    private static MonitoringIntervals IntervalsOf(DamoRecord record, DamoSnapshot snapshot, HashSet<InterchangeNote> notes)
    {
        var sample = TimeOf(record.SampleNanoseconds);
        var aggregation = TimeOf(record.AggregationNanoseconds);
        if (!record.HasIntervals)
        {
            notes.Add(new InterchangeNote("intervals", "are not in the file: 5 ms and 100 ms, damo's default, are taken"));
        }

        if (sample <= TimeSpan.Zero || aggregation < sample || aggregation > MaxInterval || aggregation.Ticks / sample.Ticks > MaxSamples)
        {
            throw new InvalidDataException($"the intervals {sample} and {aggregation} are none: the aggregation interval is 1 to {MaxSamples} samples long, and at most 720 hours");
        }

        // Where the kernel tunes its intervals, their ratio stays.
        if (snapshot.SampleNanoseconds is { } tuned && TimeOf(tuned) is var tunedSample && tunedSample > TimeSpan.Zero && tunedSample != sample)
        {
            aggregation = TimeSpan.FromTicks((long)Math.Min(MaxInterval.Ticks, (decimal)aggregation.Ticks / sample.Ticks * tunedSample.Ticks));
            sample = tunedSample < aggregation ? tunedSample : aggregation;
        }

        var update = TimeOf(record.UpdateNanoseconds);
        if (record.HasIntervals && update < aggregation)
        {
            notes.Add(new InterchangeNote("intervals.ops_update_us", "is shorter than the aggregation interval somewhere, and becomes as long there"));
        }

        update = update < aggregation ? aggregation : update > MaxInterval ? MaxInterval : update;
        return new MonitoringIntervals(sample, aggregation, update);
    }

    private static RecordedRegion[] RegionsOf(DamoSnapshot snapshot, in MonitoringIntervals intervals, HashSet<InterchangeNote> notes)
    {
        var samples = intervals.SamplesPerAggregation;
        var regions = new List<RecordedRegion>(snapshot.Regions.Count);
        ulong end = 0;
        foreach (var region in snapshot.Regions.OrderBy(region => region.Start))
        {
            if (region.End <= region.Start || region.Start < end)
            {
                notes.Add(new InterchangeNote("snapshots[].regions", "regions that are empty or overlap the one before are left out"));
                continue;
            }

            end = region.End;
            var accesses = region.Samples ?? (region.PercentOfSamples is { } percent ? decimal.Round(percent * samples) : 0);
            if (region.Samples is null && region.PercentOfSamples is null)
            {
                notes.Add(new InterchangeNote("snapshots[].regions[].nr_accesses", "is missing where it is, and becomes 0"));
            }

            if (accesses > samples)
            {
                notes.Add(new InterchangeNote("snapshots[].regions[].nr_accesses", "counts above the samples of an aggregation become that many"));
            }

            var age = region.AgeAggregations ?? (region.AgeNanoseconds is { } nanoseconds ? decimal.Floor(nanoseconds / (intervals.Aggregation.Ticks * 100m)) : null);
            if (age is null)
            {
                notes.Add(new InterchangeNote("snapshots[].regions[].age", "is missing where it is, and becomes 0: schemes for memory of some age find nothing there"));
            }

            regions.Add(new RecordedRegion(region.Start, region.End, (uint)Math.Min(accesses, samples), (uint)Math.Min(age ?? 0, uint.MaxValue)));
        }

        return [.. regions];
    }

    private sealed record Moment(decimal Start, decimal End, MonitoringIntervals Intervals, RecordedTarget Target);
}
