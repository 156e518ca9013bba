using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Damon.Hosting.Http;

/// <summary>
/// Pages on the network: Kestrel with tight limits, and nothing else of ASP.NET. Where it listens on an address that others can reach, it starts only with a token.
/// </summary>
/// <param name="options">Where, who, how much.</param>
/// <param name="pages">The pages.</param>
/// <param name="read">How the token's file is read.</param>
/// <param name="time">The clock.</param>
/// <param name="onError">Told of an error in a page, on any thread.</param>
public sealed class PageServer(PageServerOptions options, IPageSource pages, TextReading read, TimeProvider time, Action<Exception> onError) : IAsyncDisposable
{
    /// <summary>The longest path is a heatmap's, with a namespace of 63 and a name of 253 characters.</summary>
    private const int MaxRequestLineBytes = 1024;

    private const int MaxHeadBytes = 8 * 1024;
    private const int MaxHeaders = 32;
    private const int BufferBytes = 64 * 1024;

    private KestrelServer? _server;

    /// <summary>Where it listens, with the port that was taken; null while it does not.</summary>
    public Uri? Address { get; private set; }

    /// <summary>Begins to listen.</summary>
    /// <returns>Why it does not, for people, with what would help; empty where it does.</returns>
    public async Task<string> StartAsync(CancellationToken cancellation)
    {
        BearerToken? token = null;
        if (options.TokenPath.Length > 0)
        {
            token = BearerToken.Open(read, options.TokenPath, time, out var error);
            if (token is null)
            {
                return error;
            }
        }
        else if (!IPAddress.IsLoopback(options.Listen.Address))
        {
            return $"{options.Listen} can be reached from elsewhere: give a file with a token, or listen on {new IPEndPoint(IPAddress.Loopback, options.Listen.Port)}";
        }

        var server = new KestrelServer(
            Options.Create(KestrelOptions()),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions { Backlog = options.MaxConnections }), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
        try
        {
            await server.StartAsync(new PageApplication(pages, token, time, options.SlowReaderTimeout, onError), cancellation);
        }
        catch (Exception failed) when (failed is IOException or SocketException)
        {
            server.Dispose();
            return $"cannot listen on {options.Listen}: {failed.Message}";
        }

        _server = server;
        Address = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return "";
    }

    /// <summary>Stops listening, lets requests under way end for a moment, and closes every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is not { } server)
        {
            return;
        }

        Address = null;
        // Real time in any case: what is waited for are sockets, which no other clock moves.
        using var patience = new CancellationTokenSource(options.StopTimeout, TimeProvider.System);
        await server.StopAsync(patience.Token);
        server.Dispose();
    }

    private KestrelServerOptions KestrelOptions()
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };
        var limits = kestrel.Limits;
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = MaxHeadBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MaxRequestBodySize = 0;
        limits.MaxRequestBufferSize = BufferBytes;
        limits.MaxResponseBufferSize = BufferBytes;
        limits.RequestHeadersTimeout = options.HeadTimeout;
        limits.KeepAliveTimeout = options.IdleTimeout;

        // Slow readers are cut off by the application, which says why.
        limits.MinResponseDataRate = null;
        kestrel.Listen(options.Listen, static endpoint => endpoint.Protocols = HttpProtocols.Http1);
        return kestrel;
    }
}
