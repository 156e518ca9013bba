namespace Damon.Kubernetes.Timing;

/// <summary>Waits that double from one failure to the next, each with half of it by chance: clients that failed together do not come back together. For one loop.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, Chance chance)
{
    private int _failures;

    public TimeSpan Next() => After(_failures++, min, max, chance);

    public void Reset() => _failures = 0;

    /// <summary>The wait after so many failures before this one.</summary>
    public static TimeSpan After(int failures, TimeSpan min, TimeSpan max, Chance chance)
    {
        // From 2^30 on the maximum is reached whatever the minimum, and the product would leave the range of a TimeSpan.
        var full = failures >= 30 || min * Math.Pow(2, failures) > max ? max : min * Math.Pow(2, failures);
        return chance.Between(full / 2, full);
    }
}
