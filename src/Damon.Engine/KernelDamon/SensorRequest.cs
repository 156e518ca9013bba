using Damon.Engine.Monitoring;

namespace Damon.Engine.KernelDamon;

/// <summary>What a <see cref="KernelSensor"/> is to see to in one round.</summary>
/// <param name="Plan">Its intervals, the goal for them, its limits of regions (for each group of processes), and the schemes whose patterns are asked for.</param>
/// <param name="Processes">All that are to be sensed, each once; those that are not named any more are let go.</param>
public sealed record SensorRequest(MonitoringPlan Plan, IReadOnlyList<SensedProcess> Processes)
{
    /// <summary>Whether every region is wanted, as for a recording, and not only what a scheme could use.</summary>
    public bool AllRegions { get; init; }

    /// <summary>Whether regions are to be read in this round. That waits for the end of an aggregation, and costs five or six files a region.</summary>
    public bool ReadRegions { get; init; }
}
