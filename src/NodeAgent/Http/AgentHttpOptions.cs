using System.Globalization;
using System.Net;
using Damon.Hosting.Http;

namespace Damon.NodeAgent.Http;

/// <summary>Where the agent's API listens, who may ask, and what a client may take.</summary>
internal sealed record AgentHttpOptions
{
    /// <summary>Address and port; port 0 takes one that is free.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, AgentApi.DefaultPort);

    /// <summary>A file with the token that clients have to present; empty for none, which only a loopback address allows.</summary>
    public string TokenPath { get; init; } = "";

    /// <summary>For how many pods there are series of metrics: those with the most memory. 0 for none.</summary>
    public int PodSeries { get; init; }

    /// <summary>How long the loop may go without a turn before the agent counts as unhealthy. Longer than a call into the kernel may stall.</summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromSeconds(60);

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

    /// <summary>The same without what is the agent's own.</summary>
    internal PageServerOptions Server => new()
    {
        Listen = Listen,
        TokenPath = TokenPath,
        MaxConnections = MaxConnections,
        HeadTimeout = HeadTimeout,
        IdleTimeout = IdleTimeout,
        SlowReaderTimeout = SlowReaderTimeout,
        StopTimeout = StopTimeout,
    };

    /// <summary>Reads <c>ADDRESS:PORT</c>: an IPv4 address, or an IPv6 address in brackets. Names are not looked up.</summary>
    /// <returns>Whether it could be read.</returns>
    public static bool TryParseListen(string text, out IPEndPoint listen)
    {
        listen = new IPEndPoint(IPAddress.Loopback, AgentApi.DefaultPort);
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = text[..colon];
        var isBracketed = host is ['[', .., ']'];
        if (!IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address)
            || isBracketed != (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            || (!isBracketed && address.ToString() != host))
        {
            return false;
        }

        listen = new IPEndPoint(address, port);
        return true;
    }
}
