using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>Everything that one kdamond is to do, as the kernel takes it.</summary>
/// <param name="Operations">Which kind of memory.</param>
/// <param name="Intervals">How often; the kernel counts microseconds.</param>
/// <param name="Limits">How many regions, of all targets together.</param>
/// <param name="Targets">What is looked at; at most one for physical addresses.</param>
/// <param name="Schemes">What is done.</param>
public sealed record KernelContext(
    KernelOperations Operations, MonitoringIntervals Intervals, RegionLimits Limits, IReadOnlyList<KernelTarget> Targets, IReadOnlyList<KernelScheme> Schemes)
{
    /// <summary>What the kernel tunes the intervals to; null leaves them as they are.</summary>
    public IntervalsGoal? IntervalsGoal { get; init; }

    /// <summary>Bytes per unit of a physical address.</summary>
    public ulong AddressUnitBytes { get; init; } = 1;

    /// <summary>Whether the kernel rests. Only where <see cref="KernelFeatures.HasPause"/>.</summary>
    public bool IsPaused { get; init; }
}
