namespace Damon.Kubernetes.Requests;

/// <summary>Bounds of requests.</summary>
public sealed record ApiClientOptions
{
    /// <summary>After so long a request other than a watch has failed.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After so long a page of a list has failed; the server's own bound is a minute.</summary>
    public TimeSpan ListTimeout { get; init; } = TimeSpan.FromSeconds(65);

    /// <summary>How long after its time a watch that the server does not end is cut off.</summary>
    public TimeSpan WatchGrace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The largest object that is read; storage holds 1.5 MiB by default. It bounds the memory of a list or a watch, of which one object at a time is held.</summary>
    public int MaxObjectBytes { get; init; } = 8 * 1024 * 1024;
}
