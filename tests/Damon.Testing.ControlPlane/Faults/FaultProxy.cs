using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Damon.Testing.ControlPlane.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Damon.Testing.ControlPlane.Faults;

/// <summary>
/// Stands before a real API server, TLS on both sides, and makes faults as they are asked for. It knows nobody: a client's token passes through, so clients come with tokens and not with certificates.
/// It writes down every request.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private const int PieceBytes = 16 * 1024;

    /// <summary>Headers of one connection, which do not pass to another.</summary>
    private static readonly HashSet<string> OwnHeaders = new(StringComparer.OrdinalIgnoreCase) { "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Host", "Content-Length" };

    private readonly WebApplication _application;
    private readonly HttpMessageInvoker _server;
    private readonly Uri _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    private volatile Fault[] _faults = [];
    private CancellationTokenSource _break = new();

    private FaultProxy(KubeApiServer server)
    {
        _target = server.Url;
        _server = new HttpMessageInvoker(new SocketsHttpHandler
        {
            SslOptions = TrustedTls.Options(server.Authority.CertificatePath),
            EnableMultipleHttp2Connections = true,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        });
        var port = LoopbackPorts.Free();
        Url = new Uri($"https://127.0.0.1:{port}");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = server.Authority.IssueServer() });
            });
        });
        _application = builder.Build();
        _application.Run(TakeAsync);
    }

    /// <summary>Where clients find it.</summary>
    public Uri Url { get; }

    /// <summary>Called before the server hears of a request, and waited for; where it says no, the server never does.</summary>
    public Func<ProxiedRequest, Task<bool>>? Before { get; set; }

    /// <summary>Called when the server has answered and the client has not heard of it yet, and waited for.</summary>
    public Func<ProxiedRequest, Task>? After { get; set; }

    /// <summary>Every request so far, in the order in which they came.</summary>
    public IReadOnlyCollection<ProxiedRequest> Requests => _requests;

    /// <summary>Starts one.</summary>
    public static async Task<FaultProxy> StartAsync(KubeApiServer server, CancellationToken cancellation)
    {
        var proxy = new FaultProxy(server);
        await proxy._application.StartAsync(cancellation);
        return proxy;
    }

    /// <summary>What goes wrong from now on; the first that takes a request counts. What goes on already, goes on.</summary>
    public void Make(params Fault[] faults) => _faults = faults;

    /// <summary>Nothing goes wrong any more.</summary>
    public void Heal() => _faults = [];

    /// <summary>Breaks off whatever is under way, watches too.</summary>
    public void Break() => Interlocked.Exchange(ref _break, new CancellationTokenSource()).Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
            await _application.StopAsync(patience.Token);
        await _application.DisposeAsync();
        _server.Dispose();
        _stop.Dispose();
        _break.Dispose();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var request = ProxiedRequest.Of(context.Request, TimeProvider.System.GetTimestamp());
        _requests.Enqueue(request);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token, Volatile.Read(ref _break).Token);
        try
        {
            if (Before is { } before && !await before(request))
            {
                context.Abort();
                return;
            }

            var fault = Array.Find(_faults, fault => fault.Takes(request));
            switch (fault)
            {
                case null:
                    await ForwardAsync(context, request, fault: null, ends.Token);
                    break;
                case { Kind: FaultKind.Drop }:
                    context.Abort();
                    break;
                case { Kind: FaultKind.Status }:
                    await AnswerAsync(context, fault, ends.Token);
                    break;
                case { Kind: FaultKind.Hang }:
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ends.Token);
                    break;
                case { Kind: FaultKind.HalfOpen or FaultKind.EndAtOnce or FaultKind.ExpireWatch }:
                    await AcceptAsync(context, fault, ends.Token);
                    break;
                default:
                    await ForwardAsync(context, request, fault, ends.Token);
                    break;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or HttpRequestException or IOException)
        {
            // The client has gone, or the server has: who is left sees a broken connection, as without us.
            context.Abort();
        }
    }

    private async Task ForwardAsync(HttpContext context, ProxiedRequest request, Fault? fault, CancellationToken cancellation)
    {
        using var answer = await AskAsync(context.Request, cancellation);
        if (After is { } after)
            await after(request);
        if (fault is { Kind: FaultKind.DropAnswer })
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!OwnHeaders.Contains(name))
                context.Response.Headers[name] = values.ToArray();
        }

        // A watch that has nothing to say yet is accepted all the same.
        await context.Response.StartAsync(cancellation);
        await context.Response.Body.FlushAsync(cancellation);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var piece = new byte[PieceBytes];
        for (var pieces = 0; await body.ReadAsync(piece, cancellation) is > 0 and var read; pieces++)
        {
            if (fault is { Kind: FaultKind.CutAnswer })
            {
                await context.Response.Body.WriteAsync(piece.AsMemory(0, read / 2), cancellation);
                await context.Response.Body.FlushAsync(cancellation);
                context.Abort();
                return;
            }

            if (fault is { Kind: FaultKind.Slow })
                await Task.Delay(fault.Delay, TimeProvider.System, cancellation);
            await context.Response.Body.WriteAsync(piece.AsMemory(0, read), cancellation);
            await context.Response.Body.FlushAsync(cancellation);
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HttpRequest from, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(_target, from.Path.ToUriComponent() + from.QueryString.ToUriComponent()))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (from.ContentLength > 0 || from.ContentType is not null)
            request.Content = new StreamContent(from.Body);
        foreach (var (name, values) in from.Headers)
        {
            if (!OwnHeaders.Contains(name) && !name.StartsWith(':') && !request.Headers.TryAddWithoutValidation(name, values.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
        }

        return await _server.SendAsync(request, cancellation);
    }

    private static async Task AnswerAsync(HttpContext context, Fault fault, CancellationToken cancellation)
    {
        context.Response.StatusCode = fault.StatusCode;
        context.Response.ContentType = "application/json";
        if (fault.RetryAfter is { } wait)
            context.Response.Headers.RetryAfter = ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await context.Response.WriteAsync(StatusOf(fault.StatusCode), cancellation);
    }

    private static async Task AcceptAsync(HttpContext context, Fault fault, CancellationToken cancellation)
    {
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(cancellation);
        await context.Response.Body.FlushAsync(cancellation);
        if (fault.Kind == FaultKind.ExpireWatch)
            await context.Response.WriteAsync($$"""{"type":"ERROR","object":{{StatusOf(410)}}}""" + "\n", Encoding.UTF8, cancellation);
        else if (fault.Kind == FaultKind.HalfOpen)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
    }

    /// <summary>As an API server words it.</summary>
    private static string StatusOf(int code)
    {
        var reason = code switch
        {
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "NotFound",
            409 => "Conflict",
            410 => "Expired",
            429 => "TooManyRequests",
            503 => "ServiceUnavailable",
            504 => "Timeout",
            _ => "InternalError",
        };
        return $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"A fault that the test made.","reason":"{{reason}}","code":{{code}}}""";
    }
}
