using System.Net;
using System.Net.Http.Headers;
using Damon.Testing.ApiServer;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Damon.NodeAgent.Tests.Cluster;

/// <summary>The fake API server on a port of this machine, for programs: HTTP/1.1 without TLS, for whoever connects. The fake expects one caller at a time, so all it does is done in turn.</summary>
/// <param name="server">The server; what the test does with it goes through <see cref="DoAsync"/> once this has started.</param>
public sealed class LoopbackApiServer(FakeApiServer server) : IHttpApplication<IFeatureCollection>, IAsyncDisposable
{
    private const int PieceBytes = 16 * 1024;

    private readonly HttpMessageInvoker _invoker = new(server, disposeHandler: false);
    private readonly TaskFactory _inTurn = new(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
    private KestrelServer? _kestrel;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>A kubeconfig file that leads to it.</summary>
    public string Kubeconfig => KubeconfigText.Of($"{Address}", "token: nobody-looks-at-it");

    /// <summary>Begins to listen, on a port that is free.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http1);
        _kestrel = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
        await _kestrel.StartAsync(this, cancellation);
        Address = new Uri(_kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    /// <summary>Does something with the fake, between two requests.</summary>
    public Task<T> DoAsync<T>(Func<FakeApiServer, T> action) => _inTurn.StartNew(() => action(server), CancellationToken.None);

    /// <inheritdoc/>
    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    /// <inheritdoc/>
    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    /// <inheritdoc/>
    public Task ProcessRequestAsync(IFeatureCollection context) => _inTurn.StartNew(() => AnswerAsync(context), CancellationToken.None).Unwrap();

    /// <summary>Stops listening, and ends every watch.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_kestrel is { } kestrel)
        {
            // Watches go on until they are told to end: nobody waits for them.
            await kestrel.StopAsync(new CancellationToken(canceled: true));
            kestrel.Dispose();
        }

        _invoker.Dispose();
    }

    private static async Task<HttpRequestMessage> RequestOfAsync(IHttpRequestFeature asked, Uri address, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await asked.Body.CopyToAsync(body, cancellation);
        var request = new HttpRequestMessage(new HttpMethod(asked.Method), new Uri(address, asked.RawTarget));
        request.Headers.TryAddWithoutValidation("Accept", asked.Headers.Accept.ToString());
        request.Headers.TryAddWithoutValidation("Authorization", asked.Headers.Authorization.ToString());
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(asked.Headers.ContentType.ToString());
        }

        return request;
    }

    private async Task AnswerAsync(IFeatureCollection context)
    {
        var life = context.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        var response = context.GetRequiredFeature<IHttpResponseFeature>();
        var body = context.GetRequiredFeature<IHttpResponseBodyFeature>();
        try
        {
            using var request = await RequestOfAsync(context.GetRequiredFeature<IHttpRequestFeature>(), Address, life.RequestAborted);
            using var answer = await _invoker.SendAsync(request, life.RequestAborted);
            response.StatusCode = (int)answer.StatusCode;
            response.Headers.ContentType = "application/json";
            if (answer.Headers.RetryAfter?.Delta is { } after)
            {
                response.Headers.RetryAfter = $"{(int)after.TotalSeconds}";
            }

            // A watch is open once its head is there, however long nothing happens.
            await body.Writer.FlushAsync(life.RequestAborted);
            await using var content = await answer.Content.ReadAsStreamAsync(life.RequestAborted);
            var piece = new byte[PieceBytes];
            while (await content.ReadAsync(piece, life.RequestAborted) is > 0 and var count)
            {
                await body.Writer.WriteAsync(piece.AsMemory(0, count), life.RequestAborted);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // What the fake does to a connection, or a client that has gone.
            life.Abort();
        }
    }
}
