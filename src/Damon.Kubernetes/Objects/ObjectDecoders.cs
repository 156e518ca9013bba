using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Damon.Kubernetes.Objects;

/// <summary>Decoders to start from.</summary>
public static class ObjectDecoders
{
    /// <summary>By a source-generated contract: what it does not know is left out.</summary>
    /// <param name="contract">From a <c>JsonSerializerContext</c>.</param>
    public static ObjectDecoder<T> FromJson<T>(JsonTypeInfo<T> contract) =>
        utf8Json => JsonSerializer.Deserialize(utf8Json, contract) ?? throw new JsonException("null is no object.");

    /// <summary>The whole object as it came, for readers that must see fields they do not know.</summary>
    /// <param name="withManagedFields">Whether to keep <c>metadata.managedFields</c>, which is often the larger half and of use to the server alone.</param>
    public static ObjectDecoder<RawObject> Raw(bool withManagedFields = false) =>
        withManagedFields ? static utf8Json => new RawObject(utf8Json.ToArray()) : static utf8Json => new RawObject(WithoutManagedFields(utf8Json));

    /// <summary>Cuts <c>metadata.managedFields</c> out and leaves every other byte.</summary>
    internal static byte[] WithoutManagedFields(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        var isInMetadata = false;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when reader.CurrentDepth == 1:
                    isInMetadata = reader.ValueTextEquals("metadata"u8);
                    break;
                case JsonTokenType.PropertyName when reader.CurrentDepth == 2 && isInMetadata && reader.ValueTextEquals("managedFields"u8):
                    var start = (int)reader.TokenStartIndex;
                    reader.Read();
                    reader.Skip();
                    return Cut(utf8Json, start, (int)reader.BytesConsumed);
            }
        }

        return utf8Json.ToArray();
    }

    /// <summary>Takes the comma before a field along or, of a first field, the one behind it.</summary>
    private static byte[] Cut(ReadOnlySpan<byte> utf8Json, int start, int end)
    {
        var before = utf8Json[..start].TrimEnd(" \t\r\n"u8);
        var after = utf8Json[end..].TrimStart(" \t\r\n"u8);
        if (before[^1] == ',')
            before = before[..^1];
        else if (after[0] == ',')
            after = after[1..];
        return [.. before, .. after];
    }
}
