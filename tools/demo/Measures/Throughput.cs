namespace Damon.Demo.Measures;

/// <summary>How fast the workload was in a stretch of time: many short windows, of which the middle one counts, so that a burst of somebody else does not.</summary>
/// <param name="Windows">How many windows.</param>
/// <param name="MedianPerSecond">Accesses per second; 0 without a window.</param>
internal readonly record struct Throughput(int Windows, double MedianPerSecond)
{
    /// <summary>Takes the windows that lie wholly within a stretch of time: one that reaches out of it speaks of something else too.</summary>
    public static Throughput Within(ClockSpan span, IEnumerable<ThroughputWindow> windows)
    {
        double[] rates = [.. windows.Where(window => window.FromNanoseconds >= span.FromNanoseconds && window.ToNanoseconds <= span.ToNanoseconds).Select(window => window.AccessesPerSecond)];
        return new Throughput(rates.Length, Median(rates));
    }

    /// <summary>
    /// The speed against that of the same process before and after. The mean of the two sides is what a machine that drifts steadily would have given
    /// in the middle, however many windows each side has.
    /// </summary>
    /// <returns>1 for as fast; not a number where a side is missing.</returns>
    public double RatioTo(Throughput before, Throughput after) =>
        Windows == 0 || before.Windows == 0 || after.Windows == 0 ? double.NaN : MedianPerSecond / ((before.MedianPerSecond + after.MedianPerSecond) / 2);

    private static double Median(double[] values)
    {
        if (values.Length == 0)
            return 0;

        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
