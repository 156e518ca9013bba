using System.Text;
using Damon.Engine.Host;
using Damon.Hosting.Http;
using Damon.NodeAgent.Metrics;

namespace Damon.NodeAgent.Http;

/// <summary>The agent's API on the network. Where it listens on an address that others can reach, it starts only with a token.</summary>
/// <param name="options">Where, who, how much.</param>
/// <param name="view">What the agent tells.</param>
/// <param name="host">Where the token's file is.</param>
/// <param name="time">The clock.</param>
/// <param name="onError">Told of an error in a page, on any thread.</param>
internal sealed class AgentHttpServer(AgentHttpOptions options, IAgentView view, HostRoot host, TimeProvider time, Action<Exception> onError) : IAsyncDisposable
{
    private readonly PageServer _server = new(options, new AgentPages(view, time, options.PodSeries, options.MaxSilence), ReaderOf(host), time, onError);

    /// <summary>Where it listens, with the port that was taken; null while it does not.</summary>
    public Uri? Address => _server.Address;

    /// <summary>Reads text files of a host.</summary>
    internal static TextReading ReaderOf(HostRoot host) => (string path, int maxBytes, out string error) =>
    {
        var reader = new HostReader(maxBytes);
        var read = host.Read(path, reader);
        error = read.IsOk ? "" : $"{read.Error}";
        return read.IsOk ? Encoding.UTF8.GetString(reader.Content) : null;
    };

    /// <summary>Begins to listen.</summary>
    /// <returns>Why it does not, for people, with what would help; empty where it does.</returns>
    public Task<string> StartAsync(CancellationToken cancellation) => _server.StartAsync(cancellation);

    /// <summary>Stops listening, lets requests under way end for a moment, and closes every connection.</summary>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
