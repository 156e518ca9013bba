using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Timing;

namespace Damon.NodeAgent.Cluster;

/// <summary>Says that something has changed, not what: whoever is told looks at the store.</summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
/// <param name="wakeup">Is called.</param>
internal sealed class NewsHandler<T>(Wakeup wakeup) : IObjectHandler<T>
{
    private volatile bool _isSettled;
    private int _isNews;

    /// <summary>Whether the first list was heard of in full: before that, what is not in the store says nothing.</summary>
    public bool IsSettled => _isSettled;

    /// <summary>Whether anything has changed since the last call.</summary>
    public bool TakeNews() => Interlocked.Exchange(ref _isNews, 0) != 0;

    /// <inheritdoc/>
    public void Added(StoredObject<T> added) => Tell();

    /// <inheritdoc/>
    public void Updated(StoredObject<T> old, StoredObject<T> updated) => Tell();

    /// <inheritdoc/>
    public void Deleted(StoredObject<T> last) => Tell();

    /// <inheritdoc/>
    public void Settled()
    {
        _isSettled = true;
        Tell();
    }

    private void Tell()
    {
        Interlocked.Exchange(ref _isNews, 1);
        wakeup.Call();
    }
}
