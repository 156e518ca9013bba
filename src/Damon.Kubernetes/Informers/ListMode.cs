namespace Damon.Kubernetes.Informers;

/// <summary>How a list is asked for.</summary>
public enum ListMode
{
    /// <summary>In pages, of the newest state: for few readers of many objects.</summary>
    Paged,

    /// <summary>
    /// In one piece and from the server's memory (<c>resourceVersion=0</c>, no limit), where an index on the field selector answers it: for an agent on each node that asks for its own pods. The first list
    /// may be a little behind; later ones never go back behind what was seen.
    /// </summary>
    Cached,
}
