using Damon.Api.Units;

namespace Damon.Api.Clusters;

/// <summary>What one agent may cost and do at the most, over all its schemes.</summary>
public sealed record CeilingsSpec
{
    /// <summary>CPU time as a share of one core, above 0 %.</summary>
    public Percent AgentCpu { get; init; } = DamonClusterConfigDefaults.AgentCpu;

    /// <summary>Looks at memory per second, from 1 to 100,000,000; null is what <see cref="AgentCpu"/> allows.</summary>
    public int? ProbesPerSecond { get; init; }

    /// <summary>Bytes per minute that may be taken from memory, above zero; null is what the schemes' quotas allow.</summary>
    public Quantity? ReclaimPerNode { get; init; }
}
