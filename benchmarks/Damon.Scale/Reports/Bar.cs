namespace Damon.Scale.Reports;

/// <summary>A bound that the operator is held to.</summary>
/// <param name="Law">What holds.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Bound">The most that it may be.</param>
/// <param name="Unit">Of both.</param>
/// <param name="Note">What goes with the figure, or empty.</param>
internal sealed record Bar(string Law, double Value, double Bound, string Unit, string Note = "")
{
    /// <summary>A figure that could not be had does not hold.</summary>
    public bool Holds => Value <= Bound;
}
