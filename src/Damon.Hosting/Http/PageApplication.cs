using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Damon.Hosting.Http;

/// <summary>Answers requests that Kestrel has read and found well-formed: who may ask, how, and with which page.</summary>
/// <param name="pages">The pages.</param>
/// <param name="token">What clients have to present; null where every client is of this machine and needs none.</param>
/// <param name="time">The clock by which clients are slow.</param>
/// <param name="readerPatience">How long a client may take for a page, and what its size takes at the slowest rate on top.</param>
/// <param name="onError">Told of an error in a page; the client gets 500.</param>
internal sealed class PageApplication(IPageSource pages, BearerToken? token, TimeProvider time, TimeSpan readerPatience, Action<Exception> onError) : IHttpApplication<IFeatureCollection>
{
    private const int PieceBytes = 16 * 1024;
    private const double SlowestReaderBytesPerSecond = 4 << 20;

    /// <inheritdoc/>
    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    /// <inheritdoc/>
    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
        // A client that goes away while it is written to is no error of ours.
        if (exception is not null and not OperationCanceledException and not IOException)
        {
            onError(exception);
        }
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(IFeatureCollection context)
    {
        var request = context.GetRequiredFeature<IHttpRequestFeature>();
        var response = context.GetRequiredFeature<IHttpResponseFeature>();
        var page = Answer(request, response.Headers);
        response.StatusCode = page.Status;
        response.Headers.ContentType = page.ContentType;
        response.Headers.ContentLength = page.Body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        if (page.RetryAfterSeconds > 0)
        {
            response.Headers.RetryAfter = page.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        if (!HttpMethods.IsHead(request.Method))
        {
            await Write(page.Body, context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer, context.GetRequiredFeature<IHttpRequestLifetimeFeature>());
        }
    }

    /// <summary>
    /// In small pieces, so that no more than a few of them wait in memory, and with an end of our own: Kestrel's lowest rate is an average over all that the sockets took in, and lets a client that reads
    /// nothing hold a connection for minutes.
    /// </summary>
    private async Task Write(ReadOnlyMemory<byte> body, PipeWriter to, IHttpRequestLifetimeFeature request)
    {
        using var late = new CancellationTokenSource(readerPatience + TimeSpan.FromSeconds(body.Length / SlowestReaderBytesPerSecond), time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(request.RequestAborted, late.Token);
        try
        {
            for (; !body.IsEmpty; body = body[Math.Min(PieceBytes, body.Length)..])
            {
                await to.WriteAsync(body[..Math.Min(PieceBytes, body.Length)], end.Token);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            request.Abort();
        }
    }

    private Page Answer(IHttpRequestFeature request, IHeaderDictionary headers)
    {
        if (request.Headers.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0)
        {
            // What follows is not read, so the connection cannot be used for another request.
            headers.Connection = "close";
            return Page.Plain(413, "requests have no body here");
        }

        if (!pages.IsForEverybody(request.RawTarget))
        {
            if (token is null && !IsOfThisMachine(request.Headers.Host.ToString()))
            {
                return Page.Plain(421, "ask by address or as localhost");
            }

            if (token is not null && !token.IsPresentedBy(request.Headers.Authorization.ToString()))
            {
                headers.WWWAuthenticate = "Bearer";
                return Page.Plain(401, "a token is required: Authorization: Bearer TOKEN");
            }
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            headers.Allow = "GET, HEAD";
            return Page.Plain(405, "only GET and HEAD are answered");
        }

        return pages.Get(request.RawTarget);
    }

    /// <summary>
    /// A web page may let its own name point to 127.0.0.1 and make a visitor's browser ask here. The browser then sends that name; whoever asks for this machine sends an address or localhost.
    /// </summary>
    private static bool IsOfThisMachine(string host) => new HostString(host).Host is "" or "localhost" or ['[', ..] || IPAddress.TryParse(new HostString(host).Host, out _);
}
