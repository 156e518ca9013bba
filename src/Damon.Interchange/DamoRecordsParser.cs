using System.Text;
using System.Text.Json;
using Damon.Api.Units;

namespace Damon.Interchange;

/// <summary>Reads the tokens of damo's records in one pass: such files have millions of them, and a tree of nodes would be many times the file.</summary>
internal sealed class DamoRecordsParser
{
    private const decimal Microsecond = 1_000;

    private delegate void FieldReader(ref Utf8JsonReader reader, string name);

    public List<DamoRecord> Records { get; } = [];

    public HashSet<InterchangeNote> Notes { get; } = [];

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is JSON of another shape.</exception>
    public void Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8);
        reader.Read();
        EachItem(ref reader, "the file", (ref Utf8JsonReader r, string _) => ReadRecord(ref r));
        if (reader.Read())
        {
            throw new InvalidDataException("there is something behind the list of records");
        }
    }

    private void ReadRecord(ref Utf8JsonReader reader)
    {
        var record = new DamoRecord();
        var hasSnapshots = false;
        EachField(ref reader, "a record", (ref Utf8JsonReader r, string name) =>
        {
            switch (name)
            {
                case "kdamond_idx":
                    record.Kdamond = Scalar(ref r, name);
                    break;
                case "context_idx":
                    record.Context = Scalar(ref r, name);
                    break;
                case "scheme_idx":
                    record.Scheme = Scalar(ref r, name);
                    break;
                case "target_id":
                    record.Target = Scalar(ref r, name);
                    break;
                case "intervals":
                    ReadIntervals(ref r, record);
                    break;
                case "snapshots":
                    hasSnapshots = true;
                    EachItem(ref r, name, (ref Utf8JsonReader item, string _) => ReadSnapshot(ref item, record));
                    break;
                case "scheme_filters":
                    LeaveOut(ref r, name, "the filters that a snapshot was taken through are left out");
                    break;
                case "data_source":
                    r.Skip();
                    break;
                default:
                    LeaveOut(ref r, name, "is not known here and is left out");
                    break;
            }
        });
        if (!hasSnapshots)
        {
            throw new InvalidDataException("a record has no snapshots: these are no records of monitoring results");
        }

        Records.Add(record);
    }

    private void ReadIntervals(ref Utf8JsonReader reader, DamoRecord record)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        record.HasIntervals = true;
        EachField(ref reader, "intervals", (ref Utf8JsonReader r, string name) =>
        {
            switch (name)
            {
                case "sample_us":
                    record.SampleNanoseconds = Time(ref r, name, Microsecond) ?? record.SampleNanoseconds;
                    break;
                case "aggr_us":
                    record.AggregationNanoseconds = Time(ref r, name, Microsecond) ?? record.AggregationNanoseconds;
                    break;
                case "ops_update_us":
                    record.UpdateNanoseconds = Time(ref r, name, Microsecond) ?? record.UpdateNanoseconds;
                    break;
                case "intervals_goal":
                    // How the intervals were found; what they were is with each snapshot.
                    r.Skip();
                    break;
                default:
                    LeaveOut(ref r, name, "is not known here and is left out");
                    break;
            }
        });
    }

    private void ReadSnapshot(ref Utf8JsonReader reader, DamoRecord record)
    {
        var snapshot = new DamoSnapshot();
        var hasEnd = false;
        EachField(ref reader, "a snapshot", (ref Utf8JsonReader r, string name) =>
        {
            switch (name)
            {
                case "start_time":
                    snapshot.Start = Time(ref r, name, 1);
                    break;
                case "end_time":
                    var end = Time(ref r, name, 1);
                    hasEnd = end is not null;
                    snapshot.End = end ?? 0;
                    break;
                case "regions":
                    EachItem(ref r, name, (ref Utf8JsonReader item, string _) => ReadRegion(ref item, snapshot));
                    break;
                case "sample_interval_us":
                    snapshot.SampleNanoseconds = Time(ref r, name, Microsecond);
                    break;
                case "damos_stats":
                    LeaveOut(ref r, "snapshots[].damos_stats", "what a scheme had done is left out");
                    break;
                case "total_bytes":
                    // The sum of the regions, or of those that a filter let through.
                    r.Skip();
                    break;
                default:
                    LeaveOut(ref r, $"snapshots[].{name}", "is not known here and is left out");
                    break;
            }
        });
        if (!hasEnd)
        {
            throw new InvalidDataException("a snapshot has no end_time");
        }

        // A lone snapshot is followed by an empty one with counts of -1, which only says how long the first one took.
        if (snapshot.Regions is not [{ Start: 0, End: 0, Samples: < 0 }])
        {
            record.Snapshots.Add(snapshot);
        }
    }

    private void ReadRegion(ref Utf8JsonReader reader, DamoSnapshot snapshot)
    {
        var region = default(DamoRegion);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidDataException("a region is no object");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = NameOf(ref reader);
            reader.Read();
            switch (name)
            {
                case "start":
                    region.Start = Address(ref reader, name);
                    break;
                case "end":
                    region.End = Address(ref reader, name);
                    break;
                case "nr_accesses":
                    ReadPair(ref reader, "samples", "percent", out var samples, out var percent);
                    region.Samples = samples is null ? null : Number(samples, name);
                    region.PercentOfSamples = percent is null ? null
                        : DamoQuantity.TryShare(percent, 100, out var share) ? share
                        : throw Wrong(name, percent);
                    break;
                case "age":
                    ReadPair(ref reader, "aggr_intervals", "usec", out var aggregations, out var time);
                    region.AgeAggregations = aggregations is null ? null : Number(aggregations, name);
                    region.AgeNanoseconds = time is null ? null
                        : DamoQuantity.TryTime(time, Microsecond, out var nanoseconds) ? nanoseconds
                        : throw Wrong(name, time);
                    break;
                case "sz_filter_passed":
                    if (Scalar(ref reader, name) is { } passed && DamoQuantity.TryBytes(passed, out var bytes) && bytes > 0)
                    {
                        Notes.Add(new InterchangeNote("snapshots[].regions[].sz_filter_passed", "how much of a region a filter let through is left out"));
                    }

                    break;
                case "probe_hits":
                    LeaveOut(ref reader, "snapshots[].regions[].probe_hits", "hits of probes are left out");
                    break;
                case "scheme":
                    reader.Skip();
                    break;
                default:
                    LeaveOut(ref reader, $"snapshots[].regions[].{name}", "is not known here and is left out");
                    break;
            }
        }

        if (region.End > 0)
        {
            region.Samples = region.Samples < 0 ? 0 : region.Samples;
            region.AgeAggregations = region.AgeAggregations < 0 ? 0 : region.AgeAggregations;
        }

        snapshot.Regions.Add(region);
    }

    private static void ReadPair(ref Utf8JsonReader reader, string first, string second, out string? one, out string? other)
    {
        one = null;
        other = null;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidDataException($"{first} and {second} are in no object");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = NameOf(ref reader);
            reader.Read();
            var value = Scalar(ref reader, name);
            one = name == first ? value : one;
            other = name == second ? value : other;
        }
    }

    private static void EachItem(ref Utf8JsonReader reader, string what, FieldReader read)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidDataException($"{what} is no list");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            read(ref reader, "");
        }
    }

    private static void EachField(ref Utf8JsonReader reader, string what, FieldReader read)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidDataException($"{what} is no object");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = NameOf(ref reader);
            reader.Read();
            read(ref reader, name);
        }
    }

    private void LeaveOut(ref Utf8JsonReader reader, string path, string message)
    {
        var depth = reader.CurrentDepth;
        var isEmpty = reader.TokenType == JsonTokenType.Null;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            isEmpty = reader.Read() && reader.TokenType == JsonTokenType.EndArray;
            while (!(reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth) && reader.Read())
            {
            }
        }
        else
        {
            reader.Skip();
        }

        if (!isEmpty)
        {
            Notes.Add(new InterchangeNote(path, message));
        }
    }

    private static decimal? Time(ref Utf8JsonReader reader, string name, decimal unit)
    {
        if (Scalar(ref reader, name) is not { } text)
        {
            return null;
        }

        return DamoQuantity.TryTime(text, unit, out var nanoseconds) ? nanoseconds : throw Wrong(name, text);
    }

    private static ulong Address(ref Utf8JsonReader reader, string name)
    {
        var text = Scalar(ref reader, name) ?? "";
        return DamoQuantity.TryBytes(text, out var address) ? address : throw Wrong(name, text);
    }

    private static decimal Number(string text, string name) => DamoQuantity.TryNumber(text, out var number) ? number : throw Wrong(name, text);

    private static string? Scalar(ref Utf8JsonReader reader, string name) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => NameOf(ref reader),
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => throw new InvalidDataException($"{name} is not a single value"),
    };

    private static string NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException("half of a character stands alone; it is no UTF-8 text", e);
        }
    }

    private static InvalidDataException Wrong(string name, string text) => new($"{name}: {QuotedText.Of(text)} cannot be read");
}
