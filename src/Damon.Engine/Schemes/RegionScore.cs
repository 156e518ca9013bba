namespace Damon.Engine.Schemes;

/// <summary>How much a region deserves an action, from 0 to 99: DAMON's formula, a weighted mean of the access rate and of the logarithm of the age.</summary>
public static class RegionScore
{
    /// <summary>The highest score.</summary>
    public const int Max = 99;

    private const int MaxAgeLog = 32;

    /// <summary>The score for actions that want hot memory.</summary>
    /// <param name="accesses">Access count.</param>
    /// <param name="maxAccesses">The highest count there can be, at least 1.</param>
    /// <param name="age">How long the count has held.</param>
    /// <param name="rateWeight">Weight of the rate.</param>
    /// <param name="ageWeight">Weight of the age.</param>
    public static int Hot(uint accesses, uint maxAccesses, TimeSpan age, int rateWeight, int ageWeight)
    {
        var rate = (int)Math.Min(100, (ulong)accesses * 100 / maxAccesses);
        var seconds = (ulong)(age.Ticks / TimeSpan.TicksPerSecond);
        var ageLog = seconds == 0 ? 0 : Math.Min(BitLength(seconds), MaxAgeLog);

        // Memory that is not accessed gets colder with age, memory that is accessed hotter.
        var signedLog = accesses == 0 ? -ageLog : ageLog;
        var agePart = (signedLog + MaxAgeLog) * 100 / MaxAgeLog / 2;
        var weights = rateWeight + ageWeight;
        var score = weights == 0 ? 0 : ((rateWeight * rate) + (ageWeight * agePart)) / weights;
        return Math.Clamp(score * Max / 100, 0, Max);
    }

    /// <summary>The score for actions that want cold memory: the mirror of <see cref="Hot"/>.</summary>
    /// <inheritdoc cref="Hot"/>
    public static int Cold(uint accesses, uint maxAccesses, TimeSpan age, int rateWeight, int ageWeight) =>
        Max - Hot(accesses, maxAccesses, age, rateWeight, ageWeight);

    /// <summary>The score that an action ranks by.</summary>
    /// <param name="action">The action.</param>
    /// <param name="accesses">Access count.</param>
    /// <param name="maxAccesses">The highest count there can be, at least 1.</param>
    /// <param name="age">How long the count has held.</param>
    /// <param name="rateWeight">Weight of the rate.</param>
    /// <param name="ageWeight">Weight of the age.</param>
    public static int For(SchemeAction action, uint accesses, uint maxAccesses, TimeSpan age, int rateWeight, int ageWeight) => action switch
    {
        SchemeAction.Pageout or SchemeAction.LruDeprio or SchemeAction.MigrateCold or SchemeAction.Reclaim or SchemeAction.Cold =>
            Cold(accesses, maxAccesses, age, rateWeight, ageWeight),
        SchemeAction.LruPrio or SchemeAction.MigrateHot or SchemeAction.WillNeed or SchemeAction.Collapse =>
            Hot(accesses, maxAccesses, age, rateWeight, ageWeight),
        _ => Max,
    };

    private static int BitLength(ulong value) => 64 - (int)ulong.LeadingZeroCount(value);
}
