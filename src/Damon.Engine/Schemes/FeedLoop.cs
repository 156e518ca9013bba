namespace Damon.Engine.Schemes;

/// <summary>
/// DAMON's proportional controller: from what was allowed and how far that went towards a goal, what to allow next. Scores are in ten-thousandths of the goal. The
/// next input is <c>last × (2 − score / goal)</c>: at most twice the last one, and the least there is once the score is twice the goal. Integer arithmetic as in the
/// kernel (mm/damon/core.c, Linux 7.3), to vectors A26 and B1.
/// </summary>
public static class FeedLoop
{
    /// <summary>The score of a goal that is just met.</summary>
    public const ulong Goal = 10_000;

    /// <summary>The least input: a smaller one would round every step to nothing.</summary>
    public const ulong Floor = 10_000;

    /// <summary>The next input.</summary>
    /// <param name="last">The last input; any number.</param>
    /// <param name="score">What it led to, in ten-thousandths of the goal; any number.</param>
    /// <returns>At least <see cref="Floor"/>, but for a goal that is just met, which leaves the input as it is; never above <see cref="ulong.MaxValue"/>, which stands for all that is more.</returns>
    public static ulong Next(ulong last, ulong score)
    {
        if (score == Goal)
        {
            return last;
        }

        if (score >= 2 * Goal)
        {
            return Floor;
        }

        var distance = score > Goal ? score - Goal : Goal - score;
        var exact = (UInt128)last * distance;

        // Where the product leaves 64 bits the kernel divides first. The few units that this loses are part of the vectors.
        var step = exact <= ulong.MaxValue ? (ulong)exact / Goal : last / Goal * distance;
        return score > Goal
            ? Math.Max(last - step, Floor)
            : last > ulong.MaxValue - step ? ulong.MaxValue : last + step;
    }
}
