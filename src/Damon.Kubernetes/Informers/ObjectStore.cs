using System.Diagnostics.CodeAnalysis;
using Damon.Kubernetes.Objects;

namespace Damon.Kubernetes.Informers;

/// <summary>What an informer knows, for readers on any thread. One informer writes it.</summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
public sealed class ObjectStore<T>
{
    // Guards everything below: a reader sees an object and its index entries change at once.
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, StoredObject<T>> _objects = [];
    private readonly Dictionary<string, (StoreIndex<T> Index, Dictionary<string, HashSet<ObjectKey>> Keys)> _indexes = new(StringComparer.Ordinal);

    internal ObjectStore(IEnumerable<StoreIndex<T>> indexes)
    {
        foreach (var index in indexes)
            _indexes.Add(index.Name, (index, new Dictionary<string, HashSet<ObjectKey>>(StringComparer.Ordinal)));
    }

    /// <summary>How many objects there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _objects.Count;
        }
    }

    /// <summary>One object.</summary>
    public bool TryGet(ObjectKey key, [NotNullWhen(true)] out StoredObject<T>? found)
    {
        lock (_lock)
            return _objects.TryGetValue(key, out found);
    }

    /// <summary>All objects of one moment, in no order.</summary>
    public IReadOnlyList<StoredObject<T>> List()
    {
        lock (_lock)
            return [.. _objects.Values];
    }

    /// <summary>The objects of one moment that an index has under a value, in no order.</summary>
    /// <exception cref="KeyNotFoundException">There is no such index.</exception>
    public IReadOnlyList<StoredObject<T>> ByIndex(string index, string value)
    {
        lock (_lock)
            return _indexes[index].Keys.TryGetValue(value, out var keys) ? [.. keys.Select(key => _objects[key])] : [];
    }

    /// <summary>How many objects an index has under a value.</summary>
    /// <exception cref="KeyNotFoundException">There is no such index.</exception>
    public int CountByIndex(string index, string value)
    {
        lock (_lock)
            return _indexes[index].Keys.TryGetValue(value, out var keys) ? keys.Count : 0;
    }

    internal void Put(StoredObject<T> stored)
    {
        lock (_lock)
        {
            if (_objects.Remove(stored.Key, out var old))
                Unindex(old);
            _objects.Add(stored.Key, stored);
            foreach (var (index, keys) in _indexes.Values)
            {
                foreach (var value in index.Values(stored))
                {
                    if (!keys.TryGetValue(value, out var set))
                        keys.Add(value, set = []);
                    set.Add(stored.Key);
                }
            }
        }
    }

    internal void Remove(ObjectKey key)
    {
        lock (_lock)
        {
            if (_objects.Remove(key, out var old))
                Unindex(old);
        }
    }

    private void Unindex(StoredObject<T> old)
    {
        foreach (var (index, keys) in _indexes.Values)
        {
            foreach (var value in index.Values(old))
            {
                if (keys.TryGetValue(value, out var set) && set.Remove(old.Key) && set.Count == 0)
                    keys.Remove(value);
            }
        }
    }
}
