namespace Damon.Kubernetes.Requests;

/// <summary>Which part of a list, and of what age.</summary>
public sealed record ListPosition
{
    /// <summary>At most so many objects in a page; 0 for all in one.</summary>
    public int Limit { get; init; }

    /// <summary>From the page before; empty for the first.</summary>
    public string Continue { get; init; } = "";

    /// <summary>
    /// Null asks for the newest state, which the server may have to read from its storage. "0" takes whatever its memory holds, however old. Another one takes what its memory holds unless it is older.
    /// </summary>
    public string? ResourceVersion { get; init; }
}
