using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

public sealed partial class MonitoringSession
{
    private int _aggregationsSinceTuning;

    /// <summary>No tuning makes the sample interval shorter; zero for no bound. A ceiling of the sensing's cost sets it, and holds against every goal.</summary>
    public TimeSpan SampleFloor { get; set; }

    /// <summary>Changes the intervals while the session runs; ages and counts are converted, so that thresholds in time and percent keep their meaning.</summary>
    /// <param name="intervals">The new intervals.</param>
    /// <remarks>
    /// In the middle of an aggregation its counts so far are dropped, and those of the one before stand for it. Where only the update interval changes,
    /// nothing is dropped.
    /// </remarks>
    /// <exception cref="ArgumentException">The intervals cannot be carried out; the message says why.</exception>
    public void ChangeIntervals(MonitoringIntervals intervals)
    {
        var errors = new List<PlanError>();
        intervals.Check("intervals", errors);
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", errors), nameof(intervals));
        }

        if (intervals != Intervals)
        {
            Convert(intervals, isComplete: false);
        }
    }

    /// <summary>Every so many aggregations, after the schemes and before the counts are reset: what they saw decides how long the next ones are.</summary>
    private void TuneIntervals()
    {
        if (Plan.IntervalsGoal is not { } goal || ++_aggregationsSinceTuning < goal.Aggregations)
        {
            return;
        }

        _aggregationsSinceTuning = 0;
        UInt128 observed = 0;
        UInt128 possible = 0;
        for (var t = 0; t < _targets.Count; t++)
        {
            if (_targets[t].ObservedSamples < Samples)
            {
                // A look that failed saw nothing, and that is no reason to look for longer.
                continue;
            }

            var regions = _targets[t].Regions;
            var accesses = regions.Accesses;
            for (var i = 0; i < accesses.Length; i++)
            {
                UInt128 size = regions.Ends[i] - regions.Starts[i];
                observed += size * accesses[i];
                possible += size * Samples;
            }
        }

        var tuned = Bounded(IntervalTuner.Next(Intervals.Sample, observed, possible, goal), goal);

        // Each conversion rounds ages down by up to one aggregation: a change below a twentieth is not worth it, unless it meets a bound.
        var change = (tuned - Intervals.Sample).Duration();
        if (change.Ticks * 20 >= Intervals.Sample.Ticks || (change > TimeSpan.Zero && (tuned == Bounded(TimeSpan.Zero, goal) || tuned == Bounded(goal.MaxSample, goal))))
        {
            Convert(Plan.Intervals.WithSample(tuned), isComplete: true);
        }
    }

    /// <summary>
    /// A sample interval within all bounds. An age threshold needs some aggregations to be met with any precision, so none of the schemes' is less than four
    /// of them; but the shortest interval that the goal allows, and the one that the cost allows, hold against that.
    /// </summary>
    private TimeSpan Bounded(TimeSpan sample, IntervalsGoal goal)
    {
        var ticks = Math.Min(sample.Ticks, goal.MaxSample.Ticks);
        foreach (var scheme in _schemes)
        {
            var age = scheme.Description.Pattern.MinAge;
            if (age > TimeSpan.Zero)
            {
                ticks = Math.Min(ticks, age.Ticks / 4 / Samples);
            }
        }

        return TimeSpan.FromTicks(Math.Max(Math.Max(ticks, goal.MinSample.Ticks), SampleFloor.Ticks));
    }

    /// <param name="intervals">The new intervals.</param>
    /// <param name="isComplete">Whether the aggregation is complete; then its counts are converted, else they say nothing in the new unit and are dropped.</param>
    private void Convert(MonitoringIntervals intervals, bool isComplete)
    {
        var old = Intervals;
        Intervals = intervals;
        if (old.Sample == intervals.Sample && old.Aggregation == intervals.Aggregation)
        {
            foreach (var target in _targets)
            {
                target.ReadEvery = Math.Min(target.ReadEvery, UpdateSamples);
                target.NextRead = Math.Min(target.NextRead, _passed + target.ReadEvery);
            }

            return;
        }

        foreach (var table in _tables)
        {
            var accesses = table.Accesses;
            var last = table.LastAccesses;
            var ages = table.Ages;
            for (var i = 0; i < ages.Length; i++)
            {
                ages[i] = IntervalConversion.Age(ages[i], old, intervals);
                last[i] = IntervalConversion.Count(last[i], old, intervals);
                accesses[i] = isComplete ? IntervalConversion.Count(accesses[i], old, intervals) : 0;
            }

            if (!isComplete)
            {
                table.PartlyAccessed.Clear();
            }
        }

        _nextAggregation = _passed + Samples;
        foreach (var target in _targets)
        {
            target.ReadEvery = Math.Clamp(ConvertSamples(target.ReadEvery, old, intervals), 1, UpdateSamples);
            target.NextRead = _passed + Math.Min(ConvertSamples(Left(target.NextRead), old, intervals), target.ReadEvery);
            if (!isComplete)
            {
                target.ObservedSamples = 0;
            }
        }

        if (!isComplete)
        {
            _maxSeen = 0;
        }

        foreach (var scheme in _schemes)
        {
            // What is left of a scheme's interval stays as long as it was: intervals that are tuned again and again must not put it off for ever.
            var left = ConvertSamples(Left(scheme.NextApplyInterval), old, intervals);
            scheme.Convert(intervals);
            scheme.NextApplyInterval = scheme.Description.ApplyInterval == TimeSpan.Zero
                ? _nextAggregation
                : _passed + Math.Clamp(left, 1, scheme.IntervalsBetweenPasses);
        }
    }

    private ulong Left(ulong next) => next > _passed ? next - _passed : 0;

    /// <summary>How many of the new sample intervals take as long as so many of the old ones, rounded up.</summary>
    private static ulong ConvertSamples(ulong samples, MonitoringIntervals old, MonitoringIntervals changed)
    {
        var ticks = (UInt128)samples * (ulong)old.Sample.Ticks;
        return (ulong)UInt128.Min(long.MaxValue, (ticks + (ulong)changed.Sample.Ticks - 1) / (ulong)changed.Sample.Ticks);
    }
}
