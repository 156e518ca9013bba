using Damon.Api.Clusters;
using Damon.Operator.Model;

namespace Damon.Operator.Cluster;

/// <summary>How terms are worked, the same for all of a process.</summary>
internal sealed record TermSettings
{
    /// <summary>This process, for events.</summary>
    public required string Identity { get; init; }

    /// <summary>Where agents run: the operator's own namespace.</summary>
    public required string AgentNamespace { get; init; }

    /// <summary>Which pods there are agents.</summary>
    public required string AgentSelector { get; init; }

    /// <summary>The configuration that is made where there is none: the object as JSON.</summary>
    public required ReadOnlyMemory<byte> FirstConfig { get; init; }

    /// <summary>The mode in it.</summary>
    public required ClusterMode FirstMode { get; init; }

    /// <summary>How many plans are written at once.</summary>
    public int NodeWorkers { get; init; } = 8;

    /// <summary>Writes a second in the long run, events and the lease aside.</summary>
    public int WritesPerSecond { get; init; } = 200;

    /// <summary>Times and bounds of what is decided.</summary>
    public ClusterModelOptions Model { get; init; } = new();
}
