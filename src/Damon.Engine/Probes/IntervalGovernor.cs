namespace Damon.Engine.Probes;

/// <summary>
/// Chooses the sample interval of a probe whose passes are expensive, so that its share of a CPU stays below a ceiling. Pure arithmetic.
/// </summary>
/// <remarks>
/// It lengthens at once, on the cost just measured, because a target that grew must not be paid for until an average has noticed. It shortens on a smoothed
/// cost, only where that allows at least a fifth less, and by at most a tenth at a time: otherwise the interval, and with it the meaning of "accessed in one interval", would flutter.
/// </remarks>
public sealed class IntervalGovernor
{
    /// <summary>Weight of the newest cost in the average: after seven passes nine tenths of an old cost are forgotten.</summary>
    private const double Newest = 0.3;

    private const double ShortenBelow = 0.8;
    private const double ShortenBy = 0.9;

    private readonly double _ceiling;
    private readonly TimeSpan _start;
    private readonly TimeSpan _max;
    private double _averageTicks;
    private bool _hasAverage;

    /// <summary>A governor at its start.</summary>
    /// <param name="cpuCeilingShare">Share of one CPU that passes may cost, above 0 and at most 1.</param>
    /// <param name="start">The configured interval; never goes below it.</param>
    /// <param name="max">Never goes above it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is outside its range.</exception>
    public IntervalGovernor(double cpuCeilingShare, TimeSpan start, TimeSpan max)
    {
        if (!(cpuCeilingShare > 0 && cpuCeilingShare <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(cpuCeilingShare), cpuCeilingShare, "A share above 0 and at most 1.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(start, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, start);
        _ceiling = cpuCeilingShare;
        _start = start;
        _max = max;
        Interval = start;
    }

    /// <summary>The interval in force.</summary>
    public TimeSpan Interval { get; private set; }

    /// <summary>Whether even the longest interval does not keep the ceiling; then the target is too expensive for this probe.</summary>
    public bool IsOverCeiling { get; private set; }

    /// <summary>Takes the cost of one pass into account.</summary>
    /// <param name="passCost">What clearing and checking cost together; a negative one counts as nothing.</param>
    /// <returns>The interval from now on.</returns>
    public TimeSpan Next(TimeSpan passCost)
    {
        var cost = Math.Max(0, passCost.Ticks);
        _averageTicks = _hasAverage ? (Newest * cost) + ((1 - Newest) * _averageTicks) : cost;
        _hasAverage = true;

        // cost / interval <= ceiling, rounded so that the ceiling holds exactly.
        var needed = Math.Ceiling(cost / _ceiling);
        IsOverCeiling = needed > _max.Ticks;
        if (needed > Interval.Ticks)
        {
            Interval = Within(needed);
            return Interval;
        }

        var neededOnAverage = Math.Max(needed, Math.Ceiling(_averageTicks / _ceiling));
        if (neededOnAverage < ShortenBelow * Interval.Ticks)
        {
            Interval = Within(Math.Max(neededOnAverage, ShortenBy * Interval.Ticks));
        }

        return Interval;
    }

    private TimeSpan Within(double ticks) => ticks >= _max.Ticks ? _max : ticks <= _start.Ticks ? _start : TimeSpan.FromTicks((long)ticks);
}
