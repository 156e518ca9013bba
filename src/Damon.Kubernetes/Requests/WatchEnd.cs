namespace Damon.Kubernetes.Requests;

/// <summary>How a watch ended.</summary>
/// <param name="Failure">Null where the server ended it in good order, as it does when its time is over.</param>
/// <param name="IsOpened">Whether the server had accepted it.</param>
/// <param name="Events">How many events came, bookmarks included.</param>
public sealed record WatchEnd(ApiFailure? Failure, bool IsOpened, long Events);
