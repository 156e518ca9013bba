using System.Globalization;

namespace Damon.Footprint.Reports;

/// <summary>One figure of the result.</summary>
/// <param name="Stage">What was run.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="Value">In its unit.</param>
/// <param name="Unit">The unit; "MiB", "s", "%" and so on.</param>
/// <param name="Bound">What it must not be above; null for a figure that is only shown.</param>
/// <param name="Note">What to know beside it.</param>
internal sealed record FootprintRow(string Stage, string Figure, double Value, string Unit, double? Bound = null, string Note = "")
{
    /// <summary>Whether it is above its bound.</summary>
    public bool IsMissed => Bound is { } bound && !(Value <= bound);

    /// <summary>What became of the bound, for people.</summary>
    public string Verdict => Bound is null ? "shown" : IsMissed ? "MISSED" : "holds";

    /// <summary>The value with its unit.</summary>
    public string ValueText => Text(Value);

    /// <summary>The bound with its unit; empty where there is none.</summary>
    public string BoundText => Bound is { } bound ? $"≤ {Text(bound)}" : "";

    private string Text(double value)
    {
        var digits = Math.Abs(value) >= 1000 || value == Math.Floor(value) ? "0" : Math.Abs(value) >= 100 ? "0.0" : Math.Abs(value) >= 10 ? "0.0" : "0.00";
        return $"{value.ToString(digits, CultureInfo.InvariantCulture)} {Unit}".TrimEnd();
    }
}
