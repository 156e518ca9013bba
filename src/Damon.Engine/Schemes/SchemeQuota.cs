namespace Damon.Engine.Schemes;

/// <summary>How much a scheme may do per interval; what does not fit waits for the next one. Of several limits the smallest holds.</summary>
public sealed record SchemeQuota
{
    /// <summary>The start of a size that goals steer, where nothing else is asked for: 1 MiB.</summary>
    public const ulong DefaultGoalStartBytes = 1UL << 20;

    private const int MaxGoals = 16;

    /// <summary>Scores are computed in 32 bits, from sums of weights times a hundred.</summary>
    public const int MaxWeight = 1_000_000;

    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(720);

    /// <summary>Bytes per interval; 0 for no limit by size.</summary>
    public ulong SizeBytes { get; init; }

    /// <summary>Time that actions may take per interval, measured around the calls; zero for no limit by time.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>The interval; above zero.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Weight of the access rate when regions are ranked, from 0 to a million.</summary>
    public int AccessRateWeight { get; init; } = 30;

    /// <summary>Weight of the age when regions are ranked, from 0 to a million.</summary>
    public int AgeWeight { get; init; } = 70;

    /// <summary>What the size is steered by, at most 16. Of several the one with the highest score counts, which asks for the least.</summary>
    public IReadOnlyList<QuotaGoal> Goals { get; init; } = [];

    /// <summary>How the size follows the goals.</summary>
    public QuotaTuner Tuner { get; init; }

    /// <summary>
    /// Bytes per interval that <see cref="QuotaTuner.Consistent"/> begins with, and 0 for the kernel's start of one byte, from which doubling takes 20 windows to a
    /// megabyte. With a start above 0 the size also comes back from nothing to one region at once, not byte by byte.
    /// </summary>
    public ulong GoalStartBytes { get; init; } = DefaultGoalStartBytes;

    /// <summary>Of bytes that an action did not reach as measured, the share that is charged: the numerator, at most <see cref="FailedChargeDenominator"/>.</summary>
    public ulong FailedChargeNumerator { get; init; }

    /// <summary>The denominator; 0 charges everything.</summary>
    public ulong FailedChargeDenominator { get; init; }

    /// <summary>Bytes per interval for each group of targets, on top of the scheme's own limits; 0 for no limit by group.</summary>
    public ulong PerGroupBytes { get; init; }

    /// <summary>Whether there is a limit for the scheme as a whole.</summary>
    public bool IsLimited => SizeBytes > 0 || Time > TimeSpan.Zero || Goals.Count > 0;

    /// <summary>Goals are compared one by one: two quotas read from the same text are the same quota.</summary>
    /// <param name="other">The other one.</param>
    public bool Equals(SchemeQuota? other) =>
        other is not null
        && (SizeBytes, Time, Interval, AccessRateWeight, AgeWeight, Tuner) == (other.SizeBytes, other.Time, other.Interval, other.AccessRateWeight, other.AgeWeight, other.Tuner)
        && (GoalStartBytes, FailedChargeNumerator, FailedChargeDenominator, PerGroupBytes)
            == (other.GoalStartBytes, other.FailedChargeNumerator, other.FailedChargeDenominator, other.PerGroupBytes)
        && Goals.SequenceEqual(other.Goals);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(SizeBytes, Time, Interval, AccessRateWeight, AgeWeight, Tuner, PerGroupBytes, Goals.Count);

    internal void Check(string field, List<PlanError> errors)
    {
        if (Time < TimeSpan.Zero || Time > MaxInterval)
        {
            errors.Add(new PlanError($"{field}.time", $"is {Time}; write a time from 0, for no limit, to {MaxInterval}"));
        }

        if (Interval <= TimeSpan.Zero || Interval > MaxInterval)
        {
            errors.Add(new PlanError($"{field}.interval", $"is {Interval}; write a time above 0, and at most {MaxInterval}"));
        }

        CheckWeight($"{field}.weights.accessRate", AccessRateWeight, errors);
        CheckWeight($"{field}.weights.age", AgeWeight, errors);
        if (!Enum.IsDefined(Tuner))
        {
            errors.Add(new PlanError($"{field}.tuner", $"{(int)Tuner} is no tuner"));
        }

        if (FailedChargeDenominator > 0 && FailedChargeNumerator > FailedChargeDenominator)
        {
            errors.Add(new PlanError($"{field}.failedCharge", $"{FailedChargeNumerator}/{FailedChargeDenominator} is above 1; what failed cannot cost more than what did not"));
        }

        if (Goals.Count > MaxGoals)
        {
            errors.Add(new PlanError($"{field}.goals", $"has {Goals.Count} items; write at most {MaxGoals}"));
            return;
        }

        for (var i = 0; i < Goals.Count; i++)
        {
            Goals[i].Check($"{field}.goals[{i}]", errors);
        }
    }

    private static void CheckWeight(string field, int weight, List<PlanError> errors)
    {
        if (weight is < 0 or > MaxWeight)
        {
            errors.Add(new PlanError(field, $"is {weight}; write a number from 0 to {MaxWeight}"));
        }
    }
}
