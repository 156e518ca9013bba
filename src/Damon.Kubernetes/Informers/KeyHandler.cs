using Damon.Kubernetes.Queues;

namespace Damon.Kubernetes.Informers;

/// <summary>Puts the keys that an object is about into a queue, whatever happened to it: what is to be done is found out by looking, not by what changed.</summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
/// <typeparam name="TKey">What the queue holds.</typeparam>
/// <param name="queue">Takes the keys.</param>
/// <param name="keys">Those that an object is about. Of an update both the old and the new object are asked.</param>
public sealed class KeyHandler<T, TKey>(WorkQueue<TKey> queue, Func<StoredObject<T>, IEnumerable<TKey>> keys) : IObjectHandler<T>
    where TKey : notnull
{
    /// <inheritdoc/>
    public void Added(StoredObject<T> added) => Add(added);

    /// <inheritdoc/>
    public void Updated(StoredObject<T> old, StoredObject<T> updated)
    {
        Add(old);
        Add(updated);
    }

    /// <inheritdoc/>
    public void Deleted(StoredObject<T> last) => Add(last);

    /// <inheritdoc/>
    public void Resynced(StoredObject<T> stored) => Add(stored);

    private void Add(StoredObject<T> stored)
    {
        foreach (var key in keys(stored))
            queue.Add(key);
    }
}
