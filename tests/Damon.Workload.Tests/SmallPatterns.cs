using Damon.Patterns;

namespace Damon.Workload.Tests;

/// <summary>Patterns in a line or two.</summary>
internal static class SmallPatterns
{
    public static PatternAccess Sequential(string region, int stridePages = 1, double weight = 1, AccessMode mode = AccessMode.Read, AccessWindow? window = null) =>
        new(region, weight, (ulong)(stridePages * SmallMemory.PageBytes), AccessOrder.Sequential, mode, window);

    public static PatternAccess Random(string region, double weight = 1, AccessMode mode = AccessMode.Read, AccessWindow? window = null) =>
        new(region, weight, (ulong)SmallMemory.PageBytes, AccessOrder.Random, mode, window);

    public static PatternPhase Phase(string name, int seconds, params PatternAccess[] accesses) => new(name, TimeSpan.FromSeconds(seconds), Once: false, accesses);

    public static PatternPhase Once(string name, int seconds, params PatternAccess[] accesses) => new(name, TimeSpan.FromSeconds(seconds), Once: true, accesses);

    public static WorkloadPattern Of(SmallMemory memory, params PatternPhase[] phases) => new(
        "small",
        "A test's pattern.",
        [.. memory.Regions.Select(region => new PatternRegion(region.Name, region.SizeBytes, region.Backing))],
        phases,
        SimulationSettings.Default);

    public static WorkloadPattern OfRegions(params PatternRegion[] regions) =>
        new("small", "A test's pattern.", regions, [Phase("idle", 1)], SimulationSettings.Default);
}
