using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Damon.Testing.ApiServer;

/// <summary>All objects of a kind, as they are and as they were since the last compaction. Objects are never changed in place.</summary>
internal sealed class FakeCollection(FakeKind kind, long version)
{
    private readonly List<(long Version, ImmutableSortedDictionary<string, JsonObject> Objects)> _states =
        [(version, ImmutableSortedDictionary.Create<string, JsonObject>(StringComparer.Ordinal))];

    public FakeKind Kind => kind;

    public ImmutableSortedDictionary<string, JsonObject> Objects => _states[^1].Objects;

    /// <summary>Whose fields are whose: by object's uid, then by manager.</summary>
    public Dictionary<string, Dictionary<string, HashSet<string>>> Owners { get; } = new(StringComparer.Ordinal);

    public static string Key(string ns, string name) => $"{ns}/{name}";

    public void Set(long at, string key, JsonObject? now) => _states.Add((at, now is null ? Objects.Remove(key) : Objects.SetItem(key, now)));

    /// <summary>As it was at a version.</summary>
    public ImmutableSortedDictionary<string, JsonObject> At(long at) => _states.Last(state => state.Version <= at || state == _states[0]).Objects;

    public void Compact() => _states.RemoveRange(0, _states.Count - 1);
}
