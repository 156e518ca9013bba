using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Damon.Operator.Json;

namespace Damon.Operator.Nodes;

/// <summary>
/// What the operator notes on a DamonNode with each plan, in the same write: when, and how often rails had tripped under the schemes that the node is admitted to. One that cannot be read is none.
/// </summary>
/// <param name="At">When the plan was written; null where nobody says.</param>
/// <param name="TripsBefore">By scheme; what is zero is left out.</param>
public sealed record PlanNote(DateTimeOffset? At, IReadOnlyDictionary<string, long> TripsBefore)
{
    /// <summary>The annotation.</summary>
    public const string Annotation = "damon.dev/planned";

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>No rail has ever tripped.</summary>
    internal static IReadOnlyDictionary<string, long> NoTrips { get; } = FrozenDictionary<string, long>.Empty;

    /// <summary>Nobody has noted anything.</summary>
    public static PlanNote None { get; } = new(null, NoTrips);

    /// <summary>Reads a note.</summary>
    /// <param name="text">The annotation's value.</param>
    /// <param name="texts">Texts that repeat.</param>
    public static PlanNote Read(string text, TextPool texts)
    {
        try
        {
            DateTimeOffset? at = null;
            var trips = NoTrips;
            var reader = JsonReading.Begin(Encoding.UTF8.GetBytes(text));
            while (reader.NextField())
            {
                if (reader.IsField("at"u8))
                    at = reader.NextTime();
                else if (reader.IsField("trips"u8))
                    trips = NextTrips(ref reader, texts);
                else
                    reader.PassOver();
            }

            return new(at, trips);
        }
        catch (JsonException)
        {
            return None;
        }
    }

    /// <summary>The annotation's value.</summary>
    public string Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (At is { } at)
                writer.WriteString("at", at.ToUniversalTime().ToString(TimeForm, CultureInfo.InvariantCulture));
            if (TripsBefore.Count > 0)
            {
                writer.WriteStartObject("trips");
                foreach (var (scheme, trips) in TripsBefore.OrderBy(one => one.Key, StringComparer.Ordinal))
                    writer.WriteNumber(scheme, trips);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static IReadOnlyDictionary<string, long> NextTrips(ref Utf8JsonReader reader, TextPool texts)
    {
        if (!reader.EntersObject())
            return NoTrips;
        var trips = new Dictionary<string, long>(StringComparer.Ordinal);
        while (reader.NextField())
        {
            var scheme = reader.FieldName(texts);
            trips[scheme] = reader.NextWhole();
        }

        return trips.Count == 0 ? NoTrips : trips;
    }
}
