using System.Text.Json;

namespace Damon.Operator.Json;

/// <summary>What is read of an object's metadata.</summary>
internal struct ObjectMetadata
{
    private static readonly Dictionary<string, string> Empty = [];

    private string? _name;
    private string? _namespace;
    private string? _uid;
    private string? _resourceVersion;
    private string? _ownerUid;
    private Dictionary<string, string>? _labels;
    private Dictionary<string, string>? _annotations;
    private List<string>? _finalizers;

    public readonly string Namespace => _namespace ?? "";

    public readonly string Uid => _uid ?? "";

    public readonly string ResourceVersion => _resourceVersion ?? "";

    /// <summary>The uid of its first owner; empty where it has none.</summary>
    public readonly string OwnerUid => _ownerUid ?? "";

    public long Generation { get; private set; }

    public DateTimeOffset? CreatedAt { get; private set; }

    public DateTimeOffset? DeletedAt { get; private set; }

    public readonly Dictionary<string, string> Labels => _labels ?? Empty;

    public readonly Dictionary<string, string> Annotations => _annotations ?? Empty;

    public readonly IReadOnlyList<string> Finalizers => _finalizers ?? [];

    /// <summary>Reads an object's metadata and nothing else of it.</summary>
    /// <exception cref="JsonException">It is no object.</exception>
    public static ObjectMetadata Of(ReadOnlySpan<byte> utf8)
    {
        var metadata = default(ObjectMetadata);
        var reader = JsonReading.Begin(utf8);
        while (reader.NextField())
        {
            if (reader.IsField("metadata"u8))
                metadata = Next(ref reader, texts: null);
            else
                reader.PassOver();
        }

        return metadata;
    }

    /// <summary>Takes a metadata.</summary>
    /// <param name="reader">On its field.</param>
    /// <param name="texts">Texts that repeat.</param>
    public static ObjectMetadata Next(ref Utf8JsonReader reader, TextPool? texts)
    {
        var metadata = default(ObjectMetadata);
        if (!reader.EntersObject())
            return metadata;
        while (reader.NextField())
        {
            if (reader.IsField("name"u8))
                metadata._name = reader.NextText(texts);
            else if (reader.IsField("namespace"u8))
                metadata._namespace = reader.NextText(texts);
            else if (reader.IsField("uid"u8))
                metadata._uid = reader.NextText(null);
            else if (reader.IsField("resourceVersion"u8))
                metadata._resourceVersion = reader.NextText(null);
            else if (reader.IsField("generation"u8))
                metadata.Generation = reader.NextWhole();
            else if (reader.IsField("creationTimestamp"u8))
                metadata.CreatedAt = reader.NextTime();
            else if (reader.IsField("deletionTimestamp"u8))
                metadata.DeletedAt = reader.NextTime();
            else if (reader.IsField("labels"u8))
                metadata._labels = reader.NextMap(texts);
            else if (reader.IsField("annotations"u8))
                metadata._annotations = reader.NextMap(null);
            else if (reader.IsField("finalizers"u8))
                metadata._finalizers = reader.NextTexts(texts);
            else if (reader.IsField("ownerReferences"u8))
                metadata._ownerUid = NextOwnerUid(ref reader);
            else
                reader.PassOver();
        }

        return metadata;
    }

    /// <summary>The name.</summary>
    /// <exception cref="JsonException">There is none.</exception>
    public readonly string RequireName() => _name is { Length: > 0 } name ? name : throw new JsonException("An object without a name.");

    private static string NextOwnerUid(ref Utf8JsonReader reader)
    {
        var owner = "";
        if (!reader.EntersArray())
            return owner;
        while (reader.NextObject())
        {
            while (reader.NextField())
            {
                if (owner.Length == 0 && reader.IsField("uid"u8))
                    owner = reader.NextText(null);
                else
                    reader.PassOver();
            }
        }

        return owner;
    }
}
