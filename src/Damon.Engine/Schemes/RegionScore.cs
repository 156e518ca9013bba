namespace Damon.Engine.Schemes;

/// <summary>
/// How much a region deserves an action, from 0 to 99: DAMON's formula (mm/damon/ops-common.c, Linux 7.3), a weighted mean of the access rate in percent and of the logarithm of the age. In whole
/// numbers, each step rounded down, to vectors B5.
/// </summary>
public static class RegionScore
{
    /// <summary>The highest score.</summary>
    public const int Max = 99;

    private const int MaxAgeLog = 32;

    /// <summary>The score for actions that want hot memory.</summary>
    /// <param name="accesses">Access count.</param>
    /// <param name="maxAccesses">The highest count there can be; 0 counts as 1.</param>
    /// <param name="age">How long the count has held; only whole seconds matter.</param>
    /// <param name="rateWeight">Weight of the rate, not negative.</param>
    /// <param name="ageWeight">Weight of the age, not negative. With both weights 0 every region has the same score.</param>
    /// <returns>From 0, the coldest, to <see cref="Max"/>.</returns>
    public static int Hot(uint accesses, uint maxAccesses, TimeSpan age, int rateWeight, int ageWeight)
    {
        var rate = (int)Math.Min(100, (ulong)accesses * 100 / Math.Max(1, maxAccesses));
        var seconds = (ulong)(age.Ticks / TimeSpan.TicksPerSecond);
        var ageLog = seconds == 0 ? 0 : Math.Min(BitLength(seconds), MaxAgeLog);

        // Memory that is accessed in less than a hundredth of the samples gets colder with age, all other hotter.
        var signedLog = rate == 0 ? -ageLog : ageLog;
        var agePart = (signedLog + MaxAgeLog) * 100 / MaxAgeLog / 2;
        var weights = (long)rateWeight + ageWeight;
        var score = weights == 0 ? 0 : (((long)rateWeight * rate) + ((long)ageWeight * agePart)) / weights;
        return (int)Math.Clamp(score * Max / 100, 0, Max);
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

    /// <summary>The lowest score that a budget has room for: DAMON's, walking down from the highest score until the bytes fill the budget.</summary>
    /// <param name="bytesByScore">Matching bytes of each score, from 0 to <see cref="Max"/>.</param>
    /// <param name="budgetBytes">What may be acted on.</param>
    /// <returns>The score; 0 where everything fits.</returns>
    /// <exception cref="ArgumentException">There is not one sum for each score.</exception>
    public static int LowestWithin(ReadOnlySpan<ulong> bytesByScore, ulong budgetBytes)
    {
        if (bytesByScore.Length != Max + 1)
        {
            throw new ArgumentException($"There are {bytesByScore.Length} sums; one for each score from 0 to {Max} is needed.", nameof(bytesByScore));
        }

        ulong sum = 0;
        var score = Max;
        for (; score > 0; score--)
        {
            sum = QuotaWindow.Add(sum, bytesByScore[score]);
            if (sum >= budgetBytes)
            {
                break;
            }
        }

        return score;
    }

    private static int BitLength(ulong value) => 64 - (int)ulong.LeadingZeroCount(value);
}
