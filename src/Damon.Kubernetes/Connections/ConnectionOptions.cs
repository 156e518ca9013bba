namespace Damon.Kubernetes.Connections;

/// <summary>How a transport behaves below the requests.</summary>
public sealed record ConnectionOptions
{
    /// <summary>Who asks, for the server's logs.</summary>
    public required string UserAgent { get; init; }

    /// <summary>After so long an attempt to connect has failed.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>An HTTP/2 connection that is silent for so long is asked whether it lives: the way a half-open watch is found.</summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After so long without an answer to that it is dead.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
