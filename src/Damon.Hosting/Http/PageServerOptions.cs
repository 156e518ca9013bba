using System.Net;

namespace Damon.Hosting.Http;

/// <summary>Where pages are served, who may ask, and what a client may take.</summary>
public record PageServerOptions
{
    /// <summary>Address and port; port 0 takes one that is free.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>A file with the token that clients have to present; empty for none, which only a loopback address allows.</summary>
    public string TokenPath { get; init; } = "";

    /// <summary>Connections at a time; more are closed at once.</summary>
    public int MaxConnections { get; init; } = 32;

    /// <summary>How long a client may take to send a request's head.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may wait for its next request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may take to read a page; large ones may take longer, in proportion.</summary>
    public TimeSpan SlowReaderTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long requests under way may take when the server stops.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(2);
}
