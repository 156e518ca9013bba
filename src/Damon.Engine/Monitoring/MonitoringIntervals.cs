using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>How often a session looks, sums up, and re-reads address spaces. Any values can be written down; <see cref="MonitoringPlan.Check"/> says which can be carried out.</summary>
/// <param name="Sample">How long an accessed state is observed; from <see cref="Shortest"/> to <see cref="Longest"/>.</param>
/// <param name="Aggregation">How long access counts are summed; at least <paramref name="Sample"/> and at most <see cref="MaxSamplesPerAggregation"/> times as long.</param>
/// <param name="Update">How often address spaces are re-read; at least <paramref name="Aggregation"/>.</param>
public readonly record struct MonitoringIntervals(TimeSpan Sample, TimeSpan Aggregation, TimeSpan Update)
{
    /// <summary>The most sample intervals that an aggregation may have. Rates are kept in millionths, so more could not be told apart; and it keeps every product of the loop in range.</summary>
    public const uint MaxSamplesPerAggregation = 1_000_000;

    /// <summary>No interval is shorter: 1 µs.</summary>
    public static TimeSpan Shortest { get; } = TimeSpan.FromMicroseconds(1);

    /// <summary>No interval is longer: 720 h, which is also the longest duration of the API.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromHours(720);

    /// <summary>5 ms, 100 ms and 60 s, as DAMON has them.</summary>
    public static MonitoringIntervals Default { get; } = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(60));

    /// <summary>Sample intervals per aggregation: the highest access count there can be; at least 1.</summary>
    public uint SamplesPerAggregation => Sample <= TimeSpan.Zero ? 1 : (uint)Math.Clamp(Aggregation.Ticks / Sample.Ticks, 1, uint.MaxValue);

    /// <summary>The same shape with another sample interval: the number of samples per aggregation stays.</summary>
    /// <param name="sample">The new sample interval, above zero. Where the aggregation interval would become longer than <see cref="Longest"/>, a shorter one is taken.</param>
    public MonitoringIntervals WithSample(TimeSpan sample)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(sample, TimeSpan.Zero);
        var samples = SamplesPerAggregation;
        var ticks = Math.Min(sample.Ticks, Math.Max(1, Longest.Ticks / samples));
        var aggregation = TimeSpan.FromTicks(ticks * samples);
        return new MonitoringIntervals(TimeSpan.FromTicks(ticks), aggregation, aggregation > Update ? aggregation : Update);
    }

    internal void Check(string field, List<PlanError> errors)
    {
        CheckOne(Sample, $"{field}.sample", errors);
        CheckOne(Aggregation, $"{field}.aggregation", errors);
        CheckOne(Update, $"{field}.update", errors);
        if (Aggregation < Sample)
        {
            errors.Add(new PlanError($"{field}.aggregation", $"is {Aggregation}, shorter than the sample interval of {Sample}"));
        }
        else if (Sample > TimeSpan.Zero && SamplesPerAggregation > MaxSamplesPerAggregation)
        {
            errors.Add(new PlanError($"{field}.aggregation", $"has {SamplesPerAggregation} sample intervals; at most {MaxSamplesPerAggregation} are possible"));
        }

        if (Update < Aggregation)
        {
            errors.Add(new PlanError($"{field}.update", $"is {Update}, shorter than the aggregation interval of {Aggregation}"));
        }
    }

    internal static void CheckOne(TimeSpan interval, string field, List<PlanError> errors)
    {
        if (interval < Shortest || interval > Longest)
        {
            errors.Add(new PlanError(field, $"is {interval}; an interval is from {Shortest} to {Longest}"));
        }
    }
}
