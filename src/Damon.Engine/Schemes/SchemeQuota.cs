namespace Damon.Engine.Schemes;

/// <summary>How much a scheme may do per interval; what does not fit waits for the next one.</summary>
public sealed record SchemeQuota
{
    /// <summary>The largest weight: scores are computed in 32 bits.</summary>
    public const int MaxWeight = 1_000_000;

    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(720);

    /// <summary>Bytes per interval; 0 for no limit by size.</summary>
    public ulong SizeBytes { get; init; }

    /// <summary>Time that actions may take per interval, measured around the calls; zero for no limit by time.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>The interval; above zero.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Weight of the access rate when regions are ranked; not negative.</summary>
    public int AccessRateWeight { get; init; } = 30;

    /// <summary>Weight of the age when regions are ranked; not negative.</summary>
    public int AgeWeight { get; init; } = 70;

    /// <summary>Whether there is any limit.</summary>
    public bool IsLimited => SizeBytes > 0 || Time > TimeSpan.Zero;

    internal void Check(string field, List<PlanError> errors)
    {
        if (Interval <= TimeSpan.Zero || Interval > MaxInterval)
        {
            errors.Add(new PlanError($"{field}.interval", $"is {Interval}; above zero and up to {MaxInterval} is possible"));
        }

        if (Time < TimeSpan.Zero || Time > MaxInterval)
        {
            errors.Add(new PlanError($"{field}.time", $"is {Time}; from zero (no limit by time) to {MaxInterval} is possible"));
        }

        if (AccessRateWeight is < 0 or > MaxWeight)
        {
            errors.Add(new PlanError($"{field}.weights.accessRate", $"is {AccessRateWeight}; from 0 to {MaxWeight} is possible"));
        }

        if (AgeWeight is < 0 or > MaxWeight)
        {
            errors.Add(new PlanError($"{field}.weights.age", $"is {AgeWeight}; from 0 to {MaxWeight} is possible"));
        }
    }
}
