namespace Damon.Engine.Regions;

/// <summary>Makes region policies by name.</summary>
public static class RegionPolicies
{
    /// <summary>Makes a policy for one session.</summary>
    /// <param name="kind">Which one.</param>
    /// <param name="limits">How many regions there may be.</param>
    /// <param name="random">The session's source of chance.</param>
    public static IRegionPolicy Create(RegionPolicyKind kind, RegionLimits limits, RandomSource random) => kind switch
    {
        RegionPolicyKind.Adaptive => new AdaptiveRegionPolicy(limits),
        RegionPolicyKind.Kernel => new KernelRegionPolicy(limits, random),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "is no region policy."),
    };
}
