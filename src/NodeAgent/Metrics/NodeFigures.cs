using Damon.Engine.Monitoring;

namespace Damon.NodeAgent.Metrics;

/// <summary>The kernel's look at all of physical memory, for schemes of the whole node.</summary>
internal sealed record NodeFigures
{
    /// <summary>The intervals in force; null where the kernel does not look yet, or cannot.</summary>
    public MonitoringIntervals? Intervals { get; init; }

    /// <summary>How many times the configured intervals are lengthened to stay below the ceiling.</summary>
    public double Stretch { get; init; } = 1;

    /// <summary>CPU time of the kernel's thread since the agent's start.</summary>
    public TimeSpan KernelCpuTime { get; init; }

    /// <summary>How often that thread had ended without us.</summary>
    public ulong Restarts { get; init; }
}
