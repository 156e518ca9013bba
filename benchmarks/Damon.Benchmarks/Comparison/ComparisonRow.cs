namespace Damon.Benchmarks.Comparison;

/// <summary>One line of the result.</summary>
/// <param name="Law">What must hold.</param>
/// <param name="Case">Which case of it.</param>
/// <param name="Figures">What was measured.</param>
/// <param name="Value">What the verdict stands on.</param>
/// <param name="Bound">What it has to stay at or below; nothing for a figure that is only shown.</param>
/// <param name="Verdict">Holds, missed by how much, shown, or skipped and why.</param>
internal sealed record ComparisonRow(string Law, string Case, string Figures, string Value, string Bound, string Verdict)
{
    public bool IsMissed => Verdict.StartsWith("MISSED", StringComparison.Ordinal);

    public static ComparisonRow Skipped(string law, string which, string why) => new(law, which, "", "", "", "skipped: " + why);

    /// <summary>Judges the median ratio of paired times.</summary>
    public static ComparisonRow Of(string law, string which, PairedTimes times, double? bound, string unit = "ratio")
    {
        var figures = $"{Nanoseconds(times.First)} against {Nanoseconds(times.Second)}, {times.Rounds} pairs, half of them {times.RatioAt(0.25):0.00}–{times.RatioAt(0.75):0.00}";
        return new ComparisonRow(law, which, figures, $"{unit} {times.Ratio:0.00}", bound is { } b ? $"≤ {b:0.##}" : "", Judge(times.Ratio, bound));
    }

    public static string Judge(double value, double? bound) =>
        bound is not { } limit ? "shown" : value <= limit ? "holds" : $"MISSED by {(value / limit) - 1:0.0 %}";

    public static string Nanoseconds(double value) => value >= 1e6 ? $"{value / 1e6:0.00} ms" : value >= 1e4 ? $"{value / 1e3:0.0} µs" : value >= 1e3 ? $"{value / 1e3:0.00} µs" : $"{value:0} ns";
}
