using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Damon.Api.Units;

namespace Damon.Hosting.Http;

/// <summary>The flag <c>--listen</c>: where pages are served, and that whoever can be reached from elsewhere asks for a token.</summary>
public static class ListenFlag
{
    /// <summary>Reads its value: an IPv4 address, or an IPv6 address in brackets, with a port. Names are not looked up.</summary>
    /// <param name="name">The flag's name.</param>
    /// <param name="value">Address and port, or <c>off</c>.</param>
    /// <param name="usualPort">For the message.</param>
    /// <param name="endpoint">Where to listen; null for nowhere.</param>
    /// <returns>What is wrong; empty where nothing is.</returns>
    public static string TryParse(string name, string value, int usualPort, out IPEndPoint? endpoint)
    {
        endpoint = value == "off" ? null : Parse(value);
        return value == "off" || endpoint is not null ? "" : $"{name}: {QuotedText.Of(value)} is no address with a port; write one as 127.0.0.1:{usualPort} or [::]:{usualPort}, or off";
    }

    /// <summary>Whether pages may be served there.</summary>
    /// <param name="endpoint">Where to listen; null for nowhere.</param>
    /// <param name="tokenFile">A file with the token of those who may read; null for none.</param>
    /// <returns>Why not; empty where they may.</returns>
    public static string WhyNot(IPEndPoint? endpoint, string? tokenFile) =>
        endpoint is not null && !IPAddress.IsLoopback(endpoint.Address) && tokenFile is null
            ? $"--listen {endpoint} can be reached from elsewhere; give --metrics-token-file, or listen on 127.0.0.1"
            : "";

    private static IPEndPoint? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            return null;
        }

        // The platform's reader takes 127.1, numbers, and IPv6 addresses without brackets, whose end may be the port or not.
        var host = text[..colon];
        var isBracketed = host is ['[', .., ']'];
        return IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address)
            && isBracketed == (address.AddressFamily == AddressFamily.InterNetworkV6)
            && (isBracketed || address.ToString() == host)
            ? new IPEndPoint(address, port)
            : null;
    }
}
