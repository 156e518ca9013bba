namespace Damon.Engine.Schemes;

/// <summary>Which memory a scheme means. All bounds belong to the range; the defaults match everything.</summary>
public sealed record AccessPattern
{
    /// <summary>Smallest region, in bytes.</summary>
    public ulong MinSizeBytes { get; init; }

    /// <summary>Largest region, in bytes.</summary>
    public ulong MaxSizeBytes { get; init; } = ulong.MaxValue;

    /// <summary>Lowest access rate.</summary>
    public AccessRate MinRate { get; init; } = AccessRate.Never;

    /// <summary>Highest access rate.</summary>
    public AccessRate MaxRate { get; init; } = AccessRate.Always;

    /// <summary>For how long the rate has held, at least.</summary>
    public TimeSpan MinAge { get; init; }

    /// <summary>For how long the rate has held, at the most.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.MaxValue;

    internal void Check(string field, List<PlanError> errors)
    {
        if (MinSizeBytes > MaxSizeBytes)
        {
            errors.Add(new PlanError($"{field}.size", $"has a minimum of {MinSizeBytes} above its maximum of {MaxSizeBytes}; nothing would match"));
        }

        if (MinRate > MaxRate)
        {
            errors.Add(new PlanError($"{field}.accessRate", $"has a minimum of {MinRate} above its maximum of {MaxRate}; nothing would match"));
        }

        if (MinAge < TimeSpan.Zero || MaxAge < TimeSpan.Zero)
        {
            errors.Add(new PlanError($"{field}.age", $"is from {MinAge} to {MaxAge}; an age is not negative"));
        }
        else if (MinAge > MaxAge)
        {
            errors.Add(new PlanError($"{field}.age", $"has a minimum of {MinAge} above its maximum of {MaxAge}; nothing would match"));
        }
    }
}
