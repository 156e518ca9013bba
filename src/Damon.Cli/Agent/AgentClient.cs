using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Damon.Cli.Agent;

/// <summary>Asks an agent over HTTP. What goes wrong on the way is a value with what would help.</summary>
internal sealed class AgentClient : IDisposable
{
    /// <summary>A node with hundreds of pods tells a few hundred KiB; more than this is not an agent.</summary>
    private const int MaxBodyBytes = 64 << 20;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;

    /// <summary>Does not connect yet.</summary>
    /// <param name="url">Where the agent listens.</param>
    /// <param name="token">What it wants to see; empty for nothing.</param>
    public AgentClient(Uri url, string token)
    {
        Url = url.GetLeftPart(UriPartial.Authority);

        // Without a proxy and without redirects: the token goes to the agent that was named and to nobody else.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = url,
            Timeout = Timeout,
            MaxResponseContentBufferSize = MaxBodyBytes,
        };
        if (token.Length > 0)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>The agent's address, as the user gave it.</summary>
    public string Url { get; }

    /// <summary>Asks for one page.</summary>
    /// <exception cref="OperationCanceledException">The user ended it.</exception>
    public async Task<AgentReply> GetAsync(string path, CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellation);
            return new AgentReply((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation), "");
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return Failed(
                $"nothing listens at {Url}. Is the agent running there? In a cluster, forward its port first: kubectl -n NAMESPACE port-forward POD {new Uri(Url).Port}; elsewhere say where with --url.");
        }
        catch (HttpRequestException e)
        {
            return Failed($"{Url} cannot be asked: {e.InnerException?.Message ?? e.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Failed($"{Url} did not answer within {Format.Duration(Timeout)}. Does an agent listen there? Its log says what it waits for.");
        }
    }

    public void Dispose() => _http.Dispose();

    private static AgentReply Failed(string failure) => new(0, [], failure);
}
