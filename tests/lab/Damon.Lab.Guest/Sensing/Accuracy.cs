namespace Damon.Lab.Guest.Sensing;

/// <summary>How well hot memory was found.</summary>
/// <param name="Precision">Share of the bytes found that are hot.</param>
/// <param name="Recall">Share of the hot bytes that were found.</param>
internal readonly record struct Accuracy(double Precision, double Recall)
{
    /// <summary>The worse of the two.</summary>
    public double Worst => Math.Min(Precision, Recall);

    public override string ToString() => FormattableString.Invariant($"precision {Precision:F3}, recall {Recall:F3}");
}
