using System.Text.Json;

namespace Damon.Operator.Json;

/// <summary>
/// Reads the few fields of an object that are wanted, forward and without a tree. What has another form than it should is as if it were not there: objects of a newer server, or made to confuse, cost a field and never the
/// object. Only text that is no JSON at all throws.
/// </summary>
/// <remarks>A reader stands on the name of a field. Each of the calls <c>Next…</c>, <see cref="PassOver"/> and <see cref="EntersObject"/> takes the value that follows, so exactly one of them follows each <see cref="NextField"/>.</remarks>
internal static class JsonReading
{
    /// <summary>Stands within the object.</summary>
    /// <exception cref="JsonException">No object.</exception>
    public static Utf8JsonReader Begin(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Not an object.");
        return reader;
    }

    /// <summary>Goes to the next field of the object that the reader is in, or to its end.</summary>
    public static bool NextField(this ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Whether the field that the reader stands on has a name.</summary>
    public static bool IsField(this ref Utf8JsonReader reader, ReadOnlySpan<byte> name) => !reader.ValueIsEscaped && reader.ValueSpan.SequenceEqual(name);

    /// <summary>The name of the field that the reader stands on; empty where it is no text.</summary>
    public static string FieldName(this ref Utf8JsonReader reader, TextPool? texts) => reader.Text(texts);

    /// <summary>Takes the value without looking at it.</summary>
    public static void PassOver(this ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Enters the value where it is an object, and passes over it otherwise.</summary>
    public static bool EntersObject(this ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.IsObject();
    }

    /// <summary>Enters the value where it is a list, and passes over it otherwise.</summary>
    public static bool EntersArray(this ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
            return true;
        reader.Skip();
        return false;
    }

    /// <summary>Enters the next object of the list that the reader is in; what is no object is passed over.</summary>
    public static bool NextObject(this ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.IsObject())
                return true;
        }

        return false;
    }

    /// <summary>Takes a text; empty where it is none.</summary>
    /// <param name="reader">On a field.</param>
    /// <param name="texts">Where it is shared; null where it is not.</param>
    public static string NextText(this ref Utf8JsonReader reader, TextPool? texts)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.Text(texts);
        reader.Skip();
        return "";
    }

    /// <summary>Takes a text as bytes, without its escapes; null where it is none.</summary>
    public static byte[]? NextUtf8(this ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        // Escapes are longer than what they stand for.
        var utf8 = new byte[reader.ValueSpan.Length];
        try
        {
            return utf8[..reader.CopyString(utf8)];
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text.
            return null;
        }
    }

    /// <summary>Takes a whole number; 0 where it is none.</summary>
    public static long NextWhole(this ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
            return reader.TryGetInt64(out var value) ? value : 0;
        reader.Skip();
        return 0;
    }

    /// <summary>Takes a truth; false where it is none.</summary>
    public static bool NextTruth(this ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
            return reader.TokenType == JsonTokenType.True;
        reader.Skip();
        return false;
    }

    /// <summary>Takes a time; null where it is none.</summary>
    public static DateTimeOffset? NextTime(this ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.TryGetDateTimeOffset(out var time) ? time.ToUniversalTime() : null;
        reader.Skip();
        return null;
    }

    /// <summary>Takes a value as it stands.</summary>
    /// <param name="reader">On a field.</param>
    /// <param name="utf8">What the reader was begun with.</param>
    public static ReadOnlySpan<byte> NextRaw(this scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return utf8[start..(int)reader.BytesConsumed];
    }

    /// <summary>Takes a map of texts; empty where it is none.</summary>
    public static Dictionary<string, string> NextMap(this ref Utf8JsonReader reader, TextPool? texts)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!reader.EntersObject())
            return map;
        while (reader.NextField())
        {
            var name = reader.Text(texts);
            map[name] = reader.NextText(texts);
        }

        return map;
    }

    /// <summary>Takes a list of texts; empty where it is none.</summary>
    public static List<string> NextTexts(this ref Utf8JsonReader reader, TextPool? texts)
    {
        var list = new List<string>();
        if (!reader.EntersArray())
            return list;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
                list.Add(reader.Text(texts));
            else
                reader.Skip();
        }

        return list;
    }

    private static bool IsObject(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
            return true;
        reader.Skip();
        return false;
    }

    private static string Text(this ref Utf8JsonReader reader, TextPool? texts)
    {
        if (!reader.ValueIsEscaped && texts is not null)
            return texts.Get(reader.ValueSpan);
        try
        {
            var text = reader.GetString() ?? "";
            return texts?.Get(text) ?? text;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text.
            return "";
        }
    }
}
