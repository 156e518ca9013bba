using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Standalone;

/// <summary>How a standalone run is carried out.</summary>
/// <param name="Plan">The session's plan.</param>
/// <param name="Backend">What senses; available on this machine.</param>
/// <param name="Targets">What is looked at.</param>
public sealed record RunOptions(MonitoringPlan Plan, MonitoringBackend Backend, RunTargets Targets)
{
    /// <summary>How long to run; null until cancelled or until no target is left.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How long a process must have run before anything is done to it.</summary>
    public TimeSpan StartGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Share of one CPU that sensing may cost; the sample interval is lengthened to stay below.</summary>
    public double CpuCeiling { get; init; } = 0.01;

    /// <summary>How regions learn, where the backend looks at pages.</summary>
    public RegionPolicyKind RegionPolicy { get; init; } = RegionPolicyKind.Adaptive;

    /// <summary>Where the session's chance begins.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Sees the session's aggregations before the run's own observer does; a recording, for one.</summary>
    public ISessionObserver? Recorder { get; init; }

    /// <summary>Whether every region is to be read of the kernel, for somebody who shows or records them, and not only what a scheme could use.</summary>
    public bool ShowsAllRegions { get; init; }

    /// <summary>Rails that the user has explicitly lifted.</summary>
    public IReadOnlySet<SafetyRail> Accepted { get; init; } = new HashSet<SafetyRail>();
}
