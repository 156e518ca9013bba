using System.Text.Json;

namespace Damon.Kubernetes.Objects;

/// <summary>What of an object's metadata the library itself goes by.</summary>
/// <param name="Key">Its place.</param>
/// <param name="Uid">Its identity, never used twice; empty in bookmarks.</param>
/// <param name="ResourceVersion">Its state: compared for equality alone.</param>
public readonly record struct ObjectHeader(ObjectKey Key, string Uid, string ResourceVersion)
{
    /// <summary>Reads it from an object, and nothing else of it.</summary>
    /// <param name="utf8Json">One object.</param>
    /// <exception cref="JsonException">No object, or one without metadata.</exception>
    public static ObjectHeader Read(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Not an object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isMetadata && reader.TokenType == JsonTokenType.StartObject)
                return ReadMetadata(ref reader);
            reader.Skip();
        }

        throw new JsonException("An object without metadata.");
    }

    private static ObjectHeader ReadMetadata(ref Utf8JsonReader reader)
    {
        string ns = "", name = "", uid = "", version = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
                name = ReadText(ref reader);
            else if (reader.ValueTextEquals("namespace"u8))
                ns = ReadText(ref reader);
            else if (reader.ValueTextEquals("uid"u8))
                uid = ReadText(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8))
                version = ReadText(ref reader);
            else
                Skip(ref reader);
        }

        return new ObjectHeader(new ObjectKey(ns, name), uid, version);
    }

    private static string ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Null => "",
            var other => throw new JsonException($"Metadata has a {other} where a text is due."),
        };
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
