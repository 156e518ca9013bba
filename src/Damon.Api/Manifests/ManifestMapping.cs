namespace Damon.Api.Manifests;

/// <summary>Named fields in the order they were written; no name stands twice.</summary>
public sealed class ManifestMapping : ManifestNode
{
    private readonly Dictionary<string, ManifestEntry> _byKey;

    /// <summary>Makes a mapping.</summary>
    /// <param name="at">Where it starts.</param>
    /// <param name="entries">The fields.</param>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    public ManifestMapping(ManifestLocation at, IReadOnlyList<ManifestEntry> entries)
        : base(at)
    {
        Entries = entries;
        _byKey = new(entries.Count, StringComparer.Ordinal);
        foreach (var entry in entries)
            _byKey.Add(entry.Key, entry);
    }

    /// <summary>The fields.</summary>
    public IReadOnlyList<ManifestEntry> Entries { get; }

    internal override string Description => "a mapping";

    /// <summary>Finds a field.</summary>
    /// <param name="key">Its name.</param>
    /// <returns>The field, or null.</returns>
    public ManifestEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>This mapping with a field set or, where <paramref name="value"/> is null, without it.</summary>
    internal ManifestMapping With(string key, ManifestLocation keyAt, ManifestNode? value)
    {
        var entries = Entries.ToList();
        var index = entries.FindIndex(entry => entry.Key == key);
        if (index >= 0)
            entries.RemoveAt(index);
        if (value is not null)
            entries.Insert(index >= 0 ? index : entries.Count, new(key, keyAt, value));
        return new(At, entries);
    }
}
