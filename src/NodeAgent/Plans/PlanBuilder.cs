using Damon.Api.Schemes;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Plans;

/// <summary>
/// Makes one session's plan out of several schemes: one session per address space is shared by all of them, because two would erase each
/// other's accessed bits. The finest intervals and the widest limits that any scheme asks for win.
/// </summary>
public static class PlanBuilder
{
    /// <summary>Orders schemes by rank: the higher priority first, equal ones as they were given.</summary>
    /// <param name="schemes">In the order in which they were given.</param>
    public static IReadOnlyList<DamonScheme> ByRank(IEnumerable<DamonScheme> schemes) => [.. schemes.OrderByDescending(scheme => scheme.Spec.Priority)];

    /// <summary>Makes the plan.</summary>
    /// <param name="translations">By rank; those without a description are left out.</param>
    /// <param name="intervalsOf">The intervals that a scheme asks for.</param>
    /// <param name="residentFloorBytes">No page-out brings a target's resident set below this.</param>
    /// <param name="tunesByDefault">Whether intervals are tuned where a scheme does not say how, as the API has it for the kernel backend.</param>
    /// <exception cref="ArgumentException">No scheme has a description.</exception>
    public static MonitoringPlan Build(
        IReadOnlyList<SchemeTranslation> translations, Func<DamonScheme, Engine.Monitoring.MonitoringIntervals> intervalsOf, ulong residentFloorBytes, bool tunesByDefault = false)
    {
        var carried = translations.Where(translation => translation.Description is not null).ToList();
        if (carried.Count == 0)
        {
            throw new ArgumentException("No scheme can be carried out.", nameof(translations));
        }

        var asked = carried.Select(translation => (Monitoring: WithTuning(translation.Scheme.Spec.Monitoring, tunesByDefault), Intervals: intervalsOf(translation.Scheme))).ToList();
        var intervals = asked.Select(one => one.Intervals).MinBy(i => (i.Sample, i.Aggregation));
        var goal = GoalOf(asked);
        if (goal is not null)
        {
            var start = intervals.Sample < goal.MinSample ? goal.MinSample : intervals.Sample > goal.MaxSample ? goal.MaxSample : intervals.Sample;
            intervals = start == intervals.Sample ? intervals : intervals.WithSample(start);
        }

        var regions = carried.Select(translation => translation.Scheme.Spec.Monitoring.Regions).ToList();
        return new MonitoringPlan(
            intervals,
            new RegionLimits(regions.Max(r => r.Min), Math.Max(regions.Max(r => r.Max), regions.Max(r => r.Min))),
            [.. carried.Select(translation => translation.Description!)])
        {
            ResidentFloorBytes = residentFloorBytes,
            IntervalsGoal = goal,
        };
    }

    private static MonitoringSpec WithTuning(MonitoringSpec monitoring, bool tunesByDefault) =>
        tunesByDefault && monitoring.AutoTune is null ? monitoring with { AutoTune = new AutoTuneSpec() } : monitoring;

    /// <summary>
    /// Intervals are tuned where a document asks for it itself, or the backend does so by default. Of several goals the one of the highest rank
    /// counts; no scheme gets longer intervals than it allows, be it by its own tuning or, without one, by its sample interval.
    /// </summary>
    private static IntervalsGoal? GoalOf(List<(MonitoringSpec Monitoring, Engine.Monitoring.MonitoringIntervals Intervals)> asked)
    {
        if (asked.Find(one => one.Monitoring.AutoTune is not null).Monitoring?.AutoTune is not { } tuning)
        {
            return null;
        }

        var goal = new IntervalsGoal
        {
            AccessRate = AccessRate.FromPercent(tuning.AccessRatio.Millionths / 10_000m),
            Aggregations = tuning.Aggregations,
            MinSample = tuning.MinSampleInterval.ToTimeSpan(),
            MaxSample = asked.Min(one => one.Monitoring.AutoTune?.MaxSampleInterval.ToTimeSpan() ?? one.Intervals.Sample),
        };
        return goal.MinSample <= goal.MaxSample ? goal : null;
    }

    /// <summary>The intervals of a scheme: its own where it names them, else those given, stretched where one alone would not fit.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="defaultSample">The sample interval where none is given.</param>
    /// <param name="defaultAggregation">The aggregation interval where none is given.</param>
    public static Engine.Monitoring.MonitoringIntervals IntervalsOf(DamonScheme scheme, TimeSpan defaultSample, TimeSpan defaultAggregation)
    {
        var monitoring = scheme.Spec.Monitoring;
        var sample = monitoring.SampleInterval?.ToTimeSpan() ?? defaultSample;
        var aggregation = monitoring.AggregationInterval?.ToTimeSpan() ?? defaultAggregation;
        if (monitoring.AggregationInterval is null && aggregation < sample)
        {
            aggregation = sample;
        }

        if (monitoring.SampleInterval is null && sample > aggregation)
        {
            sample = aggregation;
        }

        var update = monitoring.UpdateInterval.ToTimeSpan();
        return new Engine.Monitoring.MonitoringIntervals(sample, aggregation, update > aggregation ? update : aggregation);
    }
}
