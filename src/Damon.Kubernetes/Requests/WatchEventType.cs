namespace Damon.Kubernetes.Requests;

/// <summary>What a watch says about an object.</summary>
public enum WatchEventType
{
    /// <summary>It is there, or fits the selectors since now.</summary>
    Added,

    /// <summary>It has changed.</summary>
    Modified,

    /// <summary>It is gone, or fits the selectors no more.</summary>
    Deleted,

    /// <summary>Nothing has happened up to the resource version it carries.</summary>
    Bookmark,
}
