namespace Damon.Kubernetes.Requests;

/// <summary>Takes one event of a watch.</summary>
/// <param name="type">What it says.</param>
/// <param name="utf8Json">The object, of a bookmark hardly more than a resource version; valid during the call alone.</param>
public delegate void WatchEventReader(WatchEventType type, ReadOnlySpan<byte> utf8Json);
