namespace Damon.Engine.Regions;

/// <summary>The region policies that can be chosen by name, for probes that look at pages.</summary>
public enum RegionPolicyKind
{
    /// <summary>Ours, <see cref="AdaptiveRegionPolicy"/>: finds more, and spends the whole budget of regions on it.</summary>
    Adaptive,

    /// <summary>DAMON's, <see cref="KernelRegionPolicy"/>: to compare with the kernel.</summary>
    Kernel,
}
