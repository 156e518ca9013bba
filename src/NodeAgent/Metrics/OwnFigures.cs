namespace Damon.NodeAgent.Metrics;

/// <summary>What the agent itself costs.</summary>
internal sealed record OwnFigures
{
    /// <summary>CPU time of the process since it started, of all threads, in user and kernel mode.</summary>
    public TimeSpan CpuTime { get; init; }

    /// <summary>Resident set of the process.</summary>
    public ulong ResidentBytes { get; init; }

    /// <summary>Looks at pages since the start.</summary>
    public ulong Probes { get; init; }

    /// <summary>The share of one CPU that it may use for sensing, from 0 to 1; null where there is no ceiling.</summary>
    public double? CpuCeiling { get; init; }

    /// <summary>Looks at pages that it may make per second; null where there is no ceiling.</summary>
    public double? ProbesPerSecondCeiling { get; init; }

    /// <summary>How many times the configured intervals are lengthened to stay below the ceilings; 1 where they are not.</summary>
    public double IntervalStretch { get; init; } = 1;
}
