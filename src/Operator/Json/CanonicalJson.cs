using System.Buffers;
using System.Text.Json;

namespace Damon.Operator.Json;

/// <summary>
/// JSON in one form: no spaces, names in ordinal order, numbers as they were written. Two objects that say the same give the same bytes, whichever server or hand ordered them, so that a plan that was read can be compared with
/// one that would be written.
/// </summary>
internal static class CanonicalJson
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    /// <summary>Writes an object in that form.</summary>
    /// <param name="value">An object.</param>
    /// <param name="leaveOut">Names of its own fields that are left out.</param>
    /// <param name="add">Fields that take their place, as raw JSON; in any order.</param>
    public static byte[] Object(JsonElement value, IReadOnlyCollection<string> leaveOut, params ReadOnlySpan<(string Name, string Json)> add)
    {
        var fields = new List<(string Name, JsonElement? Value, string Json)>();
        foreach (var field in value.EnumerateObject())
        {
            if (!leaveOut.Contains(field.Name))
                fields.Add((field.Name, field.Value, ""));
        }

        foreach (var (name, json) in add)
            fields.Add((name, null, json));
        fields.Sort(static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            foreach (var (name, field, json) in fields)
            {
                writer.WritePropertyName(name);
                if (field is { } element)
                    Write(writer, element);
                else
                    writer.WriteRawValue(json, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var field in value.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(field.Name);
                    Write(writer, field.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
