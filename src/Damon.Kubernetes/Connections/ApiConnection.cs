namespace Damon.Kubernetes.Connections;

/// <summary>A way to an API server: where it is, the transport with its TLS, and who asks.</summary>
/// <param name="baseUri">The server's address.</param>
/// <param name="invoker">The transport. Not owned, unless <paramref name="owned"/> says so.</param>
/// <param name="credentials">Null where the transport's client certificate says it, or nothing has to.</param>
/// <param name="tlsServerName">The name that the server's certificate has, where it is not the address; null where it is.</param>
/// <param name="owned">What is disposed with the connection.</param>
public sealed class ApiConnection(Uri baseUri, HttpMessageInvoker invoker, IRequestCredentials? credentials = null, string? tlsServerName = null, IDisposable? owned = null) : IDisposable
{
    /// <summary>The server's address, ending in a slash.</summary>
    public Uri BaseUri { get; } = baseUri.AbsoluteUri.EndsWith('/') ? baseUri : new Uri(baseUri.AbsoluteUri + "/");

    /// <summary>Sends a request and returns when the answer's head is there: its body is a stream that may go on for minutes.</summary>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        // The transport holds the certificate against this header where there is one.
        if (tlsServerName is not null)
            request.Headers.Host = tlsServerName;
        if (credentials is not null)
            await credentials.AuthorizeAsync(request, cancellation);

        // An HttpClient that is asked as an invoker waits for the whole body, which a watch never has.
        return invoker is HttpClient client
            ? await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)
            : await invoker.SendAsync(request, cancellation);
    }

    internal void Rejected() => credentials?.Rejected();

    /// <inheritdoc/>
    public void Dispose() => owned?.Dispose();
}
