using System.Diagnostics.CodeAnalysis;
using System.Net;
using Damon.Hosting.Http;

namespace Damon.NodeAgent.Http;

/// <summary>Where the agent's API listens, who may ask, and what a client may take.</summary>
internal sealed record AgentHttpOptions : PageServerOptions
{
    /// <summary>On loopback, at the usual port.</summary>
    [SetsRequiredMembers]
    public AgentHttpOptions() => Listen = new IPEndPoint(IPAddress.Loopback, AgentApi.DefaultPort);

    /// <summary>For how many pods there are series of metrics: those with the most memory. 0 for none.</summary>
    public int PodSeries { get; init; }

    /// <summary>How long the loop may go without a turn before the agent counts as unhealthy. Longer than a call into the kernel may stall.</summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromSeconds(60);
}
