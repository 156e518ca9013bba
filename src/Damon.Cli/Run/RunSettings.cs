using Damon.Api.Schemes;
using Damon.Engine.Regions;

namespace Damon.Cli.Run;

/// <summary>What the command line of <c>damonctl run</c> says.</summary>
internal sealed record RunSettings
{
    public required IReadOnlyList<string> Files { get; init; }

    public required IReadOnlyList<string> Overrides { get; init; }

    public required IReadOnlyList<int> Pids { get; init; }

    public required IReadOnlyList<string> Cgroups { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlySet<NodeAgent.Safety.SafetyRail> Accepted { get; init; }

    /// <summary>Modules of the kernel that may be switched off for the time of the run.</summary>
    public required IReadOnlySet<Engine.Machine.DamonModule> ModulesOff { get; init; }

    public BackendKind? Backend { get; init; }

    /// <summary>Whether schemes of a whole node may act.</summary>
    public bool NodeTargets { get; init; }

    public SchemeMode? Mode { get; init; }

    public TimeSpan? Duration { get; init; }

    public TimeSpan? StartGrace { get; init; }

    public ulong? FloorBytes { get; init; }

    public double? CpuCeiling { get; init; }

    public RegionPolicyKind? RegionPolicy { get; init; }

    /// <summary>The file to record to.</summary>
    public string? Record { get; init; }

    /// <summary>Aggregations that one snapshot stands for.</summary>
    public int RecordEvery { get; init; } = 1;

    public ulong Seed { get; init; }

    public OutputFormat Output { get; init; }
}
