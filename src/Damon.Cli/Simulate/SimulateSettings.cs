using Damon.Api.Schemes;
using Damon.Engine.Regions;

namespace Damon.Cli.Simulate;

/// <summary>What the command line of <c>damonctl simulate</c> says, whatever is simulated.</summary>
internal sealed record SimulateSettings
{
    public required string[] Files { get; init; }

    public required string[] Overrides { get; init; }

    public TimeSpan? Duration { get; init; }

    public ulong Seed { get; init; }

    /// <summary>The simulated machine's memory; null for as much as the workload's.</summary>
    public ulong? MachineBytes { get; init; }

    public SchemeMode? Mode { get; init; }

    public RegionPolicyKind RegionPolicy { get; init; }

    public OutputFormat Output { get; init; }
}
