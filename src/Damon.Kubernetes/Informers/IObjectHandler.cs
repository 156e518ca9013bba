namespace Damon.Kubernetes.Informers;

/// <summary>
/// Hears of changes, one after the other and never two at once, each after the store shows it. For each object: added, then updates, then deleted, and so on again; an object that was deleted and made
/// anew under its name is deleted and added. States between two looks may be left out. Calls are short, and what they throw is a bug that ends the informer.
/// </summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
public interface IObjectHandler<T>
{
    /// <summary>An object is there.</summary>
    void Added(StoredObject<T> added);

    /// <summary>An object has changed.</summary>
    void Updated(StoredObject<T> old, StoredObject<T> updated);

    /// <summary>An object is gone.</summary>
    /// <param name="last">As it was last seen; it may have changed since.</param>
    void Deleted(StoredObject<T> last);

    /// <summary>Nothing has changed, and it is time to look again.</summary>
    void Resynced(StoredObject<T> stored)
    {
    }

    /// <summary>The first list has been heard of in full: from now on what is not in the store is not there.</summary>
    void Settled()
    {
    }
}
