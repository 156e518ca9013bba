namespace Damon.Engine.Schemes;

/// <summary>
/// When a scheme rests, by how much memory is left. Between <see cref="Mid"/> and <see cref="High"/> it stays as it is, so that it does not flutter. DAMON's
/// watermarks stop the sensing too where every scheme rests; here they stop schemes only, so that what is known of the memory is there when they wake.
/// </summary>
/// <remarks>Where the machine cannot be read the scheme rests, and says why.</remarks>
public sealed record SchemeWatermarks
{
    /// <summary>The whole, in thousandths.</summary>
    public const int Whole = 1000;

    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(720);

    /// <summary>What is looked at.</summary>
    public WatermarkMetric Metric { get; init; }

    /// <summary>How often, in time of the session; above zero.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Above so many thousandths the scheme rests: there is enough memory.</summary>
    public int High { get; init; } = Whole;

    /// <summary>Below so many thousandths a resting scheme begins again; at most <see cref="High"/>.</summary>
    public int Mid { get; init; } = Whole;

    /// <summary>Below so many thousandths the scheme rests: the system needs its time for itself; at most <see cref="Mid"/>.</summary>
    public int Low { get; init; }

    internal void Check(string field, List<PlanError> errors)
    {
        if (Metric == WatermarkMetric.None)
        {
            return;
        }

        if (!Enum.IsDefined(Metric))
        {
            errors.Add(new PlanError($"{field}.metric", $"{(int)Metric} is no metric"));
        }

        if (Interval <= TimeSpan.Zero || Interval > MaxInterval)
        {
            errors.Add(new PlanError($"{field}.interval", $"is {Interval}; from above zero to {MaxInterval} is possible"));
        }

        CheckShare(High, $"{field}.high", errors);
        CheckShare(Mid, $"{field}.mid", errors);
        CheckShare(Low, $"{field}.low", errors);
        if (Mid > High)
        {
            errors.Add(new PlanError($"{field}.mid", $"{Mid} is above high {High}; write high ≥ mid ≥ low"));
        }

        if (Low > Mid)
        {
            errors.Add(new PlanError($"{field}.low", $"{Low} is above mid {Mid}; write high ≥ mid ≥ low"));
        }
    }

    private static void CheckShare(int thousandths, string field, List<PlanError> errors)
    {
        if (thousandths is < 0 or > Whole)
        {
            errors.Add(new PlanError(field, $"{thousandths} is no share in thousandths; write 0 to {Whole}"));
        }
    }
}
