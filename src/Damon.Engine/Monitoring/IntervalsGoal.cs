using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>What the tuning of the intervals aims at: long enough that looks see accesses, short enough that they tell more and less accessed memory apart.</summary>
public sealed record IntervalsGoal
{
    /// <summary>Wanted share of observed accesses, by bytes, among the most that could be observed; above zero.</summary>
    public AccessRate AccessRate { get; init; } = AccessRate.FromPercent(4);

    /// <summary>Aggregations between two adjustments, from 1 to 1000.</summary>
    public int Aggregations { get; init; } = 3;

    /// <summary>The shortest sample interval.</summary>
    public TimeSpan MinSample { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest sample interval, at least <see cref="MinSample"/>.</summary>
    public TimeSpan MaxSample { get; init; } = TimeSpan.FromSeconds(10);

    internal void Check(string field, TimeSpan sample, List<PlanError> errors)
    {
        if (AccessRate <= AccessRate.Never)
        {
            errors.Add(new PlanError($"{field}.accessRate", "is 0 %; a share above 0 % can be aimed at"));
        }

        if (Aggregations is < 1 or > 1000)
        {
            errors.Add(new PlanError($"{field}.aggregations", $"is {Aggregations}; from 1 to 1000 are possible"));
        }

        MonitoringIntervals.CheckOne(MinSample, $"{field}.minSample", errors);
        MonitoringIntervals.CheckOne(MaxSample, $"{field}.maxSample", errors);
        if (MinSample > MaxSample)
        {
            errors.Add(new PlanError($"{field}.minSample", $"is {MinSample}, above the longest sample interval of {MaxSample}"));
        }
        else if (sample < MinSample || sample > MaxSample)
        {
            errors.Add(new PlanError(field, $"allows sample intervals from {MinSample} to {MaxSample}, and the plan begins with {sample}"));
        }
    }
}
