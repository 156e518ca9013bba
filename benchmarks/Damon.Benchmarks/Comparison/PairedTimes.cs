namespace Damon.Benchmarks.Comparison;

/// <summary>Times of two things that took turns, round by round: the machine's mood of one moment is in both halves of a pair, so it falls out of their ratio.</summary>
internal sealed class PairedTimes
{
    private readonly List<double> _first = [];
    private readonly List<double> _second = [];

    /// <summary>Nanoseconds per operation of the thing judged and of what it is judged by.</summary>
    public void Add(double first, double second)
    {
        _first.Add(first);
        _second.Add(second);
    }

    public int Rounds => _first.Count;

    public double First => Quantile(_first, 0.5);

    public double Second => Quantile(_second, 0.5);

    /// <summary>The median of the pairs' ratios.</summary>
    public double Ratio => RatioAt(0.5);

    /// <summary>The ratio that a share of the pairs stays below.</summary>
    public double RatioAt(double share) => Quantile([.. _first.Zip(_second, (a, b) => a / b)], share);

    private static double Quantile(List<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)Math.Round((sorted.Length - 1) * share)];
    }
}
