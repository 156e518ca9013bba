using Damon.Engine.Monitoring;

namespace Damon.Engine.KernelDamon;

/// <summary>What a <see cref="KernelSensor"/> found in one round.</summary>
public sealed record SensorReport
{
    /// <summary>What it does.</summary>
    public required SensorState State { get; init; }

    /// <summary>Why it waits or is lost, for people; empty where it senses.</summary>
    public required string Message { get; init; }

    /// <summary>The intervals in force, which the kernel may have tuned; those of the regions, where they were read.</summary>
    public required MonitoringIntervals Intervals { get; init; }

    /// <summary>The kdamond's thread; -1 where none runs.</summary>
    public required int KdamondPid { get; init; }

    /// <summary>Counts up whenever the kernel has begun anew, with all that it had learned lost.</summary>
    public required int Epoch { get; init; }

    /// <summary>Processes that are sensed.</summary>
    public required IReadOnlyList<SensedTarget> Targets { get; init; }

    /// <summary>Processes that were asked for and have ended.</summary>
    public required IReadOnlyList<SensedProcess> Ended { get; init; }

    /// <summary>What has happened in this round that people should know: what was lost, what a limit has changed.</summary>
    public required IReadOnlyList<string> Notices { get; init; }

    /// <summary>Whether regions were read.</summary>
    public required bool HasRegions { get; init; }

    /// <summary>CPU time that this round has cost the calling thread.</summary>
    public required TimeSpan CpuTime { get; init; }

    /// <summary>CPU time of the kdamond since it began, in steps of 10 ms; zero where it is not known.</summary>
    public required TimeSpan KdamondCpuTime { get; init; }
}
