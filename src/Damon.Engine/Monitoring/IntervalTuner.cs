namespace Damon.Engine.Monitoring;

/// <summary>
/// Finds the sample interval at which looks see the wanted share of accesses. Pure arithmetic: DAMON's formula of Linux 6.15 and later (its design document,
/// "monitoring intervals auto-tuning"), in whole microseconds as there.
/// </summary>
public static class IntervalTuner
{
    private const ulong Whole = 10_000;
    private const ulong Unchanged = 100_000_000;

    /// <summary>The next sample interval: at most twice the present one, at least half of it.</summary>
    /// <param name="sample">The sample interval in force, above zero.</param>
    /// <param name="observed">Accesses observed in the last aggregation, each weighed by its region's bytes.</param>
    /// <param name="possible">The most that could have been observed: bytes × samples per aggregation.</param>
    /// <param name="goal">What is aimed at.</param>
    /// <returns>The interval; the one in force where nothing was looked at.</returns>
    public static TimeSpan Next(TimeSpan sample, UInt128 observed, UInt128 possible, IntervalsGoal goal)
    {
        if (possible == 0)
        {
            return sample;
        }

        var target = UInt128.Max(1, possible * (uint)goal.AccessRate.Millionths / 1_000_000);
        var factor = FactorFor(observed * Whole / target);
        if (factor == Whole)
        {
            return sample;
        }

        var microseconds = (long)((UInt128)(ulong)(sample.Ticks / TimeSpan.TicksPerMicrosecond) * factor / Whole);
        return TimeSpan.FromTicks(Math.Clamp(microseconds * TimeSpan.TicksPerMicrosecond, goal.MinSample.Ticks, goal.MaxSample.Ticks));
    }

    /// <summary>By how much the intervals are multiplied, in ten-thousandths.</summary>
    /// <param name="score">Observed accesses in ten-thousandths of the wanted ones.</param>
    /// <returns>From 5,000 (seen everywhere) to 20,000 (seen nothing).</returns>
    public static ulong FactorFor(UInt128 score)
    {
        // One step of the feedback loop that quotas use, from a fixed start: next = last × (2 − score/goal), not below the goal's own unit.
        ulong next;
        if (score >= 2 * Whole)
        {
            next = Whole;
        }
        else if (score > Whole)
        {
            next = Math.Max(Whole, Unchanged - (Unchanged * ((ulong)score - Whole) / Whole));
        }
        else
        {
            next = Unchanged + (Unchanged * (Whole - (ulong)score) / Whole);
        }

        var factor = next / Whole;
        return factor <= Whole ? (Whole / 2) + (factor / 2) : factor;
    }
}
