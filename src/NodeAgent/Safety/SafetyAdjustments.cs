namespace Damon.NodeAgent.Safety;

/// <summary>
/// Changes of <see cref="SafetyLimits"/> as the cluster's configuration writes them; what is null stays as it is. What measures (windows, the evidence that is needed, the watchdog of the
/// kernel's calls) is nobody's to change.
/// </summary>
internal sealed record SafetyAdjustments
{
    public double? MemorySomeAverage10Percent { get; init; }

    public double? MemorySomeAverage60Percent { get; init; }

    public double? IoSomeAverage10Percent { get; init; }

    public TimeSpan? Calm { get; init; }

    public double? RefaultPercent { get; init; }

    public double? PromotionPercentPerMinute { get; init; }

    public int? RefaultTripsToStop { get; init; }

    public TimeSpan? RefaultForgiveAfter { get; init; }

    public double? FloorPercentOfRequest { get; init; }

    public ulong? FloorBytes { get; init; }

    public double? SwapFreePercent { get; init; }

    public double? ForeignSwapOutBytesPerSecond { get; init; }

    public TimeSpan? StartGrace { get; init; }

    public double? MemoryFullAverage10Percent { get; init; }

    public TimeSpan? EmergencyCoolDown { get; init; }

    public TimeSpan? PlanMaxAge { get; init; }
}
