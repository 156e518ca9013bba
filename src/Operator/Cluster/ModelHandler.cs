using Damon.Kubernetes.Informers;
using Damon.Operator.Model;

namespace Damon.Operator.Cluster;

/// <summary>Tells the model what an informer hears, and passes on which keys are to be looked at for it.</summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
/// <param name="queues">Take the keys.</param>
/// <param name="set">An object is there, or has changed.</param>
/// <param name="remove">An object is gone.</param>
/// <param name="settled">The first list has been heard of in full; null where nothing follows from that.</param>
internal sealed class ModelHandler<T>(TermQueues queues, Func<StoredObject<T>, Wake> set, Func<StoredObject<T>, Wake> remove, Func<Wake>? settled = null) : IObjectHandler<T>
{
    private long _deletions;

    /// <summary>How many objects have been told as gone. For any thread.</summary>
    public long Deletions => Interlocked.Read(ref _deletions);

    /// <inheritdoc/>
    public void Added(StoredObject<T> added) => queues.Add(set(added));

    /// <inheritdoc/>
    public void Updated(StoredObject<T> old, StoredObject<T> updated) => queues.Add(set(updated));

    /// <inheritdoc/>
    public void Deleted(StoredObject<T> last)
    {
        Interlocked.Increment(ref _deletions);
        queues.Add(remove(last));
    }

    /// <inheritdoc/>
    public void Settled()
    {
        if (settled is not null)
            queues.Add(settled());
    }
}
