namespace Damon.NodeAgent.Safety;

/// <summary>
/// The thresholds of every rail, with the defaults of docs/safety.md. The cluster's configuration may change them either way (<see cref="With"/>).
/// </summary>
internal sealed record SafetyLimits
{
    public static SafetyLimits Default { get; } = new();

    /// <summary>Memory PSI some over 10 s, in percent; above it the rail trips.</summary>
    public double MemorySomeAverage10Percent { get; init; } = 1;

    /// <summary>Memory PSI some over 60 s, in percent.</summary>
    public double MemorySomeAverage60Percent { get; init; } = 0.5;

    /// <summary>IO PSI some over 10 s, in percent, of a pod.</summary>
    public double IoSomeAverage10Percent { get; init; } = 5;

    /// <summary>How long it must have been calm before anything is done again, and then for how long at half the budget.</summary>
    public TimeSpan Calm { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Over how long refaults are counted.</summary>
    public TimeSpan RefaultWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>With less than this reclaimed within the window nothing is concluded.</summary>
    public ulong RefaultMinReclaimedBytes { get; init; } = 1UL << 20;

    /// <summary>Share of what was reclaimed that may come back within the window, in percent.</summary>
    public double RefaultPercent { get; init; } = 5;

    /// <summary>What may come back each minute, in percent of the working set.</summary>
    public double PromotionPercentPerMinute { get; init; } = 0.2;

    /// <summary>Each trip halves the budget; this many that are not made good stop the pod.</summary>
    public int RefaultTripsToStop { get; init; } = 3;

    /// <summary>A trip is made good after so long without another.</summary>
    public TimeSpan RefaultForgiveAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Share of the memory request that a pod and a container keep, in percent.</summary>
    public double FloorPercentOfRequest { get; init; } = 50;

    /// <summary>What they keep at least.</summary>
    public ulong FloorBytes { get; init; } = 64UL << 20;

    /// <summary>Share of swap that stays free, in percent.</summary>
    public double SwapFreePercent { get; init; } = 20;

    /// <summary>Swap-out of others in bytes per second that leaves anonymous memory alone.</summary>
    public double ForeignSwapOutBytesPerSecond { get; init; } = 10 << 20;

    /// <summary>How long a container is left alone after its start.</summary>
    public TimeSpan StartGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Memory PSI full over 10 s, in percent, that is an emergency.</summary>
    public double MemoryFullAverage10Percent { get; init; } = 10;

    /// <summary>How long nothing is done after an emergency.</summary>
    public TimeSpan EmergencyCoolDown { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How old the last contact with the API server may be.</summary>
    public TimeSpan PlanMaxAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>For how long a call into the kernel may take before its pod is left alone.</summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether what cannot be measured may be acted on all the same. Never a scheme's to say.</summary>
    public bool AcceptsUnmeasurable { get; init; }

    /// <summary>These limits with what the cluster's configuration gives in place of them, tighter or looser.</summary>
    /// <param name="adjustments">What to change.</param>
    public SafetyLimits With(SafetyAdjustments adjustments) => this with
    {
        MemorySomeAverage10Percent = adjustments.MemorySomeAverage10Percent ?? MemorySomeAverage10Percent,
        MemorySomeAverage60Percent = adjustments.MemorySomeAverage60Percent ?? MemorySomeAverage60Percent,
        IoSomeAverage10Percent = adjustments.IoSomeAverage10Percent ?? IoSomeAverage10Percent,
        Calm = adjustments.Calm ?? Calm,
        RefaultPercent = adjustments.RefaultPercent ?? RefaultPercent,
        PromotionPercentPerMinute = adjustments.PromotionPercentPerMinute ?? PromotionPercentPerMinute,
        RefaultTripsToStop = adjustments.RefaultTripsToStop ?? RefaultTripsToStop,
        RefaultForgiveAfter = adjustments.RefaultForgiveAfter ?? RefaultForgiveAfter,
        FloorPercentOfRequest = adjustments.FloorPercentOfRequest ?? FloorPercentOfRequest,
        FloorBytes = adjustments.FloorBytes ?? FloorBytes,
        SwapFreePercent = adjustments.SwapFreePercent ?? SwapFreePercent,
        ForeignSwapOutBytesPerSecond = adjustments.ForeignSwapOutBytesPerSecond ?? ForeignSwapOutBytesPerSecond,
        StartGrace = adjustments.StartGrace ?? StartGrace,
        MemoryFullAverage10Percent = adjustments.MemoryFullAverage10Percent ?? MemoryFullAverage10Percent,
        EmergencyCoolDown = adjustments.EmergencyCoolDown ?? EmergencyCoolDown,
        PlanMaxAge = adjustments.PlanMaxAge ?? PlanMaxAge,
    };
}
