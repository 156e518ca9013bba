using System.Globalization;
using System.Text;
using System.Text.Json;
using Damon.Kubernetes.Objects;

namespace Damon.Kubernetes.Events;

/// <summary>Events as JSON of events.k8s.io/v1.</summary>
internal static class EventDocument
{
    private const int MaxNoteBytes = 1024;
    private const int MaxNameLength = 253;
    private const int MaxWordLength = 128;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Unique within the namespace by time and chance, and beginning with the object's name for who lists events.</summary>
    public static string NameFor(ObjectKey regarding, DateTimeOffset time, ulong chance)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $".{time.UtcTicks:x}{chance & 0xFFFF_FFFF:x8}");
        var stem = regarding.Name.Length + suffix.Length <= MaxNameLength ? regarding.Name : regarding.Name[..(MaxNameLength - suffix.Length)].TrimEnd('.', '-');
        return stem + suffix;
    }

    public static byte[] Create(ObjectEvent recorded, EventRecorderOptions options, string ns, string name, DateTimeOffset at, EventSeriesState? series)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", ResourceKind.Events.ApiVersion);
            json.WriteString("kind", ResourceKind.Events.Kind);
            json.WriteStartObject("metadata");
            json.WriteString("namespace", ns);
            json.WriteString("name", name);
            json.WriteEndObject();
            json.WriteString("eventTime", Format(at));
            json.WriteString("reportingController", options.Controller);
            json.WriteString("reportingInstance", Cut(options.Instance));
            json.WriteString("type", recorded.Type.ToString());
            json.WriteString("reason", Cut(recorded.Reason));
            json.WriteString("action", Cut(recorded.Action));
            json.WriteString("note", CutNote(recorded.Note));
            WriteReference(json, recorded.Regarding);
            if (series is not null)
                WriteSeries(json, series);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    public static byte[] SeriesPatch(EventSeriesState series)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            WriteSeries(json, series);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteSeries(Utf8JsonWriter json, EventSeriesState series)
    {
        json.WriteStartObject("series");
        json.WriteNumber("count", series.Count);
        json.WriteString("lastObservedTime", Format(series.LastObserved));
        json.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter json, ObjectReference regarding)
    {
        json.WriteStartObject("regarding");
        json.WriteString("apiVersion", regarding.Resource.ApiVersion);
        json.WriteString("kind", regarding.Resource.Kind);
        if (regarding.Key.Namespace.Length > 0)
            json.WriteString("namespace", regarding.Key.Namespace);
        json.WriteString("name", regarding.Key.Name);
        json.WriteString("uid", regarding.Uid);
        json.WriteEndObject();
    }

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static string Cut(string word) => word.Length <= MaxWordLength ? word : word[..MaxWordLength];

    /// <summary>At a character's end: half a character would make the server refuse the whole event.</summary>
    private static string CutNote(string note)
    {
        var bytes = Encoding.UTF8.GetBytes(note);
        if (bytes.Length <= MaxNoteBytes)
            return note;
        var end = MaxNoteBytes;
        while ((bytes[end] & 0xC0) == 0x80)
            end--;
        return Encoding.UTF8.GetString(bytes, 0, end);
    }
}
