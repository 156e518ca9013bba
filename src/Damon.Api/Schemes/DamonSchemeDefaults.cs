using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>Every default of a scheme; what is not here is absent unless it is given.</summary>
public static class DamonSchemeDefaults
{
    /// <summary>Nothing is changed unless the user asks for it.</summary>
    public const SchemeMode Mode = SchemeMode.Observe;

    /// <summary>The priority.</summary>
    public const int Priority = 100;

    /// <summary>The kind of target.</summary>
    public const TargetKind TargetKind = Schemes.TargetKind.Pods;

    /// <summary>The backend.</summary>
    public const BackendKind Backend = BackendKind.Auto;

    /// <summary>The fewest regions of a pod.</summary>
    public const int MinRegions = 10;

    /// <summary>The most regions of a pod.</summary>
    public const int MaxRegions = 1000;

    /// <summary>Aggregation intervals between two adjustments of the intervals.</summary>
    public const int AutoTuneAggregations = 3;

    /// <summary>How a quota follows its goals.</summary>
    public const QuotaTuner Tuner = QuotaTuner.Consistent;

    /// <summary>What a rollout does that found too many unhealthy nodes.</summary>
    public const HaltAction OnHalt = HaltAction.Pause;

    /// <summary>The classes of pods: Guaranteed ones only by name.</summary>
    public static IReadOnlyList<QosClass> QosClasses { get; } = [QosClass.BestEffort, QosClass.Burstable];

    /// <summary>Start of the kernel backend's sampling interval.</summary>
    public static DurationValue KernelSampleInterval { get; } = DurationValue.Parse("5ms");

    /// <summary>Start of the kernel backend's aggregation interval.</summary>
    public static DurationValue KernelAggregationInterval { get; } = DurationValue.Parse("100ms");

    /// <summary>Start of the user-space backends' sampling interval: each look costs a system call there.</summary>
    public static DurationValue UserSpaceSampleInterval { get; } = DurationValue.Parse("500ms");

    /// <summary>Start of the user-space backends' aggregation interval.</summary>
    public static DurationValue UserSpaceAggregationInterval { get; } = DurationValue.Parse("10s");

    /// <summary>Time between two looks at the address ranges.</summary>
    public static DurationValue UpdateInterval { get; } = DurationValue.Parse("60s");

    /// <summary>Wanted share of observed accesses.</summary>
    public static Percent AutoTuneAccessRatio { get; } = Percent.Parse("4%");

    /// <summary>The shortest sampling interval that tuning may choose.</summary>
    public static DurationValue AutoTuneMinSampleInterval { get; } = DurationValue.Parse("5ms");

    /// <summary>The longest sampling interval that tuning may choose.</summary>
    public static DurationValue AutoTuneMaxSampleInterval { get; } = DurationValue.Parse("10s");

    /// <summary>The interval of a quota.</summary>
    public static DurationValue QuotaInterval { get; } = DurationValue.Parse("1s");

    /// <summary>Weight of the access rate where the quota does not take everything.</summary>
    public static Percent AccessRateWeight { get; } = Percent.Parse("30%");

    /// <summary>Weight of the age where the quota does not take everything.</summary>
    public static Percent AgeWeight { get; } = Percent.Parse("70%");

    /// <summary>Share of the nodes that change first.</summary>
    public static Percent CanaryPercent { get; } = Percent.Parse("5%");

    /// <summary>How long those are watched.</summary>
    public static DurationValue CanarySoak { get; } = DurationValue.Parse("10m");

    /// <summary>Shares of the nodes after the canary.</summary>
    public static IReadOnlyList<Percent> RolloutSteps { get; } = [Percent.Parse("25%"), Percent.Parse("100%")];

    /// <summary>Share of the nodes that change at once.</summary>
    public static Percent MaxConcurrentNodes { get; } = Percent.Parse("10%");

    /// <summary>Share of degraded nodes that halts a rollout.</summary>
    public static Percent HaltOnDegraded { get; } = Percent.Parse("5%");

    /// <summary>Share of nodes with a tripped rail that halts a rollout.</summary>
    public static Percent HaltOnSafetyTrips { get; } = Percent.Parse("5%");

    /// <summary>Where a backend's sampling and aggregation intervals start.</summary>
    /// <param name="backend">The backend, not <see cref="BackendKind.Auto"/>.</param>
    /// <returns>Both intervals.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The backend is <see cref="BackendKind.Auto"/>, which has no intervals of its own.</exception>
    public static (DurationValue Sample, DurationValue Aggregation) Intervals(BackendKind backend) => backend switch
    {
        BackendKind.Kernel => (KernelSampleInterval, KernelAggregationInterval),
        BackendKind.IdlePage or BackendKind.Referenced => (UserSpaceSampleInterval, UserSpaceAggregationInterval),
        _ => throw new ArgumentOutOfRangeException(nameof(backend), backend, "Auto is resolved to a backend before its intervals are asked for."),
    };
}
