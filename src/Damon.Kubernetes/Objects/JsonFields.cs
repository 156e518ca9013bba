using System.Text;
using System.Text.Json;

namespace Damon.Kubernetes.Objects;

/// <summary>
/// Reads the few fields of an object that are wanted, forward and without a tree. What has another type than it should is as if it were not there: objects of a newer server, or made to
/// confuse, cost a field and never the object. Only text that is no JSON at all throws.
/// </summary>
public static class JsonFields
{
    /// <summary>Takes the reader from a value's first token to its last.</summary>
    public delegate void Value(ref Utf8JsonReader reader, ReadOnlySpan<byte> name);

    /// <summary>Calls for each field of an object, with the reader on the value's first token. Whatever the callee leaves of the value is skipped.</summary>
    /// <param name="reader">On the value that should be an object.</param>
    /// <param name="onField">Called for each field.</param>
    public static void Object(ref Utf8JsonReader reader, Value onField)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Names with escapes are nobody's of those that are wanted.
            var name = reader.HasValueSequence || reader.ValueIsEscaped ? [] : reader.ValueSpan;
            reader.Read();
            onField(ref reader, name);
            Finish(ref reader, depth + 1);
        }
    }

    /// <summary>Calls for each item of an array, with the reader on its first token and no name.</summary>
    /// <param name="reader">On the value that should be an array.</param>
    /// <param name="onItem">Called for each item.</param>
    public static void Array(ref Utf8JsonReader reader, Value onItem)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            onItem(ref reader, []);
            Finish(ref reader, depth + 1);
        }
    }

    /// <summary>A text; empty where there is none.</summary>
    public static string Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            // Half of a surrogate pair is no text.
            return reader.ValueIsEscaped ? Unescaped(ref reader) : Encoding.UTF8.GetString(reader.ValueSpan);
        }

        reader.Skip();
        return "";
    }

    /// <summary>A whole number; 0 where there is none.</summary>
    public static int Int(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
        {
            return number;
        }

        reader.Skip();
        return 0;
    }

    /// <summary>A map of texts, as labels and annotations are.</summary>
    public static Dictionary<string, string> Map(ref Utf8JsonReader reader)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return map;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                map[name] = Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return map;
    }

    /// <summary>Reads one object.</summary>
    /// <param name="utf8">All of it.</param>
    /// <param name="onField">Called for each field.</param>
    /// <returns>Whether it is JSON to its end.</returns>
    public static bool TryRead(ReadOnlySpan<byte> utf8, Value onField)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            Object(ref reader, onField);
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Brings the reader to the last token of a value whose first has the given depth.</summary>
    private static void Finish(ref Utf8JsonReader reader, int depth)
    {
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            reader.Skip();
        }

        while (reader.CurrentDepth > depth && reader.Read())
        {
            // Within the value still.
        }
    }

    private static string Name(ref Utf8JsonReader reader) => reader.ValueIsEscaped ? Unescaped(ref reader) : Encoding.UTF8.GetString(reader.ValueSpan);

    private static string Unescaped(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }
}
