using Damon.Api.Manifests;

namespace Damon.Interchange;

/// <summary>The fields of one object of a damo file. Values that cannot be read are errors; fields that nobody asked for become notes, so that none is lost silently.</summary>
internal sealed class DamoFields(ManifestMapping mapping, string path, DamoReading reading)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private delegate bool TryRead<T>(string text, out T value);

    public ManifestMapping Node => mapping;

    public string Path => path;

    public DamoReading Reading => reading;

    /// <summary>A field that is there and not null.</summary>
    public ManifestNode? Find(string key)
    {
        _known.Add(key);
        return mapping.Find(key)?.Value is { } value and not ManifestScalar { Kind: ManifestScalarKind.Null } ? value : null;
    }

    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    public string? Text(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case ManifestScalar scalar:
                return scalar.Text;
            case { } other:
                reading.Fail(other, PathOf(key), "is not a single value");
                return null;
        }
    }

    public DamoFields? Object(string key)
    {
        var node = Find(key);
        if (node is null or ManifestMapping)
        {
            return node is ManifestMapping found ? new DamoFields(found, PathOf(key), reading) : null;
        }

        reading.Fail(node, PathOf(key), "is no object");
        return null;
    }

    public IReadOnlyList<ManifestNode> Items(string key)
    {
        var node = Find(key);
        if (node is null or ManifestSequence)
        {
            return (node as ManifestSequence)?.Items ?? [];
        }

        reading.Fail(node, PathOf(key), "is no list");
        return [];
    }

    public IEnumerable<DamoFields> Objects(string key)
    {
        var items = Items(key);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is ManifestMapping item)
            {
                yield return new DamoFields(item, $"{PathOf(key)}[{i}]", reading);
            }
            else
            {
                reading.Fail(items[i], $"{PathOf(key)}[{i}]", "is no object");
            }
        }
    }

    public bool? Bool(string key) => Read<bool>(key, "is neither true nor false", (string text, out bool value) =>
    {
        value = text.ToUpperInvariant() is "TRUE" or "YES" or "Y";
        return value || text.ToUpperInvariant() is "FALSE" or "NO" or "N";
    });

    public decimal? Number(string key) => Read<decimal>(key, "is not a number", DamoQuantity.TryNumber);

    public ulong? Bytes(string key) => Read<ulong>(key, "is not a size such as \"4 KiB\"", DamoQuantity.TryBytes);

    /// <summary>A time, in nanoseconds.</summary>
    public decimal? Time(string key, decimal plainUnitNanoseconds) =>
        Read(key, "is not a time such as \"5 ms\"", (string text, out decimal value) => DamoQuantity.TryTime(text, plainUnitNanoseconds, out value));

    public decimal? Share(string key, decimal whole) =>
        Read(key, "is not a share such as \"80 %\"", (string text, out decimal value) => DamoQuantity.TryShare(text, whole, out value));

    public void Note(string key, string message) => reading.Notes.Add(new InterchangeNote(PathOf(key), message));

    /// <summary>Fields that say what was going on and not what is wanted.</summary>
    public void PassOver(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            _known.Add(key);
        }
    }

    /// <summary>Notes what was never asked for.</summary>
    public void NoteUnknown()
    {
        foreach (var entry in mapping.Entries)
        {
            if (!_known.Contains(entry.Key) && entry.Value is not ManifestScalar { Kind: ManifestScalarKind.Null })
            {
                Note(entry.Key, "is not known here and is left out");
            }
        }
    }

    private T? Read<T>(string key, string complaint, TryRead<T> tryRead)
        where T : struct
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (tryRead(text, out var value))
        {
            return value;
        }

        reading.Fail(mapping.Find(key)!.Value, PathOf(key), $"{Api.Units.QuotedText.Of(text)} {complaint}");
        return null;
    }
}
