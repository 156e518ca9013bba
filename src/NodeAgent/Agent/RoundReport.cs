using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;

namespace Damon.NodeAgent.Agent;

/// <summary>What one round of the node's schemes came to. Made on the kernel's thread, and never changes after.</summary>
internal sealed record RoundReport
{
    /// <summary>What the kernel answered.</summary>
    public required KernelOutcome Outcome { get; init; }

    /// <summary>Whether the kernel's DAMON could be taken at all.</summary>
    public bool IsTaken { get; init; }

    public IReadOnlyList<NodeSchemeStatus> Schemes { get; init; } = [];

    /// <summary>What was really changed since the round before.</summary>
    public IReadOnlyList<NodeEffect> Effects { get; init; } = [];

    /// <summary>Bytes of memory that the grants which stand now may take away.</summary>
    public ulong GrantedLeavingBytes { get; init; }

    /// <summary>The intervals in force.</summary>
    public MonitoringIntervals Intervals { get; init; }

    /// <summary>When the next round is due, counted from the beginning of this one.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>CPU time of the kernel's thread since it began; null where it does not run or that cannot be read.</summary>
    public TimeSpan? KdamondCpuTime { get; init; }

    /// <summary>When that was read.</summary>
    public long CpuReadAt { get; init; }

    /// <summary>How often the kernel's thread had ended without us.</summary>
    public ulong Restarts { get; init; }
}
