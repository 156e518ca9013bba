using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

public sealed partial class MonitoringSession
{
    /// <summary>
    /// Puts another plan in force while the session runs. All or nothing: the plan is checked first, and with any error nothing has changed. A plan equal to
    /// the one in force changes nothing, so it can be committed as often as one likes.
    /// </summary>
    /// <param name="plan">The plan, whole.</param>
    /// <returns>What is wrong with it; empty when it is in force.</returns>
    /// <remarks>
    /// <para>
    /// Schemes are known by their names, whatever their places: one that stays keeps its statistics, its budget's window, the place where it goes on and what
    /// its ledgers hold. With another action or mode the ledgers and the place start anew, because they speak of what the former one did. A changed apply
    /// interval begins now. A scheme that is no longer there is forgotten; its <see cref="SchemeRun"/> can still be read.
    /// </para>
    /// <para>
    /// Other intervals are converted as <see cref="ChangeIntervals"/> does. Intervals that are tuned, or were lengthened for their cost, stay in force while
    /// the plan's own are the same; where the goal is taken away, the plan's come back. Region limits hold from the next look on.
    /// </para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">A sample interval has begun and not ended: regions are being looked at.</exception>
    public IReadOnlyList<PlanError> Commit(MonitoringPlan plan)
    {
        if (_isSampling)
        {
            throw new InvalidOperationException("A plan is committed between two sample intervals, not between the beginning and the end of one.");
        }

        if (CheckCommit(plan) is { Count: > 0 } errors)
        {
            return errors;
        }

        var runs = RunsFor(plan, out var ledgersFrom);

        // Nothing below can fail; nothing above has changed anything.
        var old = Plan;
        Plan = plan;
        PutInForce(runs, ledgersFrom);
        CommitIntervals(old);
        if (plan.Limits != old.Limits || plan.Layout != old.Layout)
        {
            CommitLayout(old);
        }

        if (plan.IsPaused != old.IsPaused)
        {
            IsPaused = plan.IsPaused;
        }

        return [];
    }

    private List<PlanError> CheckCommit(MonitoringPlan plan)
    {
        var errors = new List<PlanError>(plan.Check());
        if (plan.MinRegionBytes != Plan.MinRegionBytes)
        {
            errors.Add(new PlanError("minRegionBytes", $"is {plan.MinRegionBytes}; a session keeps the one it began with, {Plan.MinRegionBytes}"));
        }

        return errors;
    }

    private (SchemeRun Run, SchemeDescription Description)[] RunsFor(MonitoringPlan plan, out int[] ledgersFrom)
    {
        var known = _schemes.ToDictionary(scheme => scheme.Description.Name, StringComparer.Ordinal);
        var runs = new (SchemeRun, SchemeDescription)[plan.Schemes.Count];
        ledgersFrom = new int[runs.Length];
        for (var i = 0; i < runs.Length; i++)
        {
            var description = plan.Schemes[i];
            var run = known.GetValueOrDefault(description.Name);
            ledgersFrom[i] = run is not null && run.KeepsLedger(description) ? run.Index : -1;
            runs[i] = (run ?? new SchemeRun(i, description, plan.MinRegionBytes), description);
        }

        return runs;
    }

    private void PutInForce((SchemeRun Run, SchemeDescription Description)[] runs, int[] ledgersFrom)
    {
        if (ledgersFrom.Length != _schemes.Length || ledgersFrom.Index().Any(column => column.Index != column.Item))
        {
            foreach (var table in _tables)
            {
                table.RemapLedgers(ledgersFrom);
            }
        }

        var before = _schemes;
        _schemes = Array.ConvertAll(runs, entry => entry.Run);
        for (var i = 0; i < runs.Length; i++)
        {
            var (run, description) = runs[i];
            var restarts = Array.IndexOf(before, run) < 0 || run.Description.ApplyInterval != description.ApplyInterval;
            run.Update(i, description);
            run.Convert(Intervals);
            if (restarts)
            {
                run.NextApplyInterval = description.ApplyInterval == TimeSpan.Zero ? _nextAggregation : _passed + run.IntervalsBetweenPasses;
            }
        }

        foreach (var target in _targets)
        {
            target.Serve(target.Schemes, _schemes);
        }
    }

    private void CommitIntervals(MonitoringPlan old)
    {
        var isUntuned = old.IntervalsGoal is not null && Plan.IntervalsGoal is null;
        if (Plan.Intervals != old.Intervals || isUntuned)
        {
            ChangeIntervals(Plan.Intervals.Sample < SampleFloor ? Plan.Intervals.WithSample(SampleFloor) : Plan.Intervals);
        }

        if (Plan.IntervalsGoal is { } goal && goal != old.IntervalsGoal)
        {
            _aggregationsSinceTuning = 0;
            var within = Bounded(Intervals.Sample, goal);
            if (within != Intervals.Sample)
            {
                ChangeIntervals(Plan.Intervals.WithSample(within));
            }
        }
    }

    private void CommitLayout(MonitoringPlan old)
    {
        foreach (var target in _targets)
        {
            // What was folded for the old limits or layout is read anew at the end of this aggregation.
            target.NextRead = _passed;
            if (Plan.Limits.Max < old.Limits.Max)
            {
                FoldKnownRanges(target);
            }
        }

        if (Plan.Limits != old.Limits)
        {
            _policy.ChangeLimits(Plan.Limits, _tables);
        }
    }

    /// <summary>Folds what is already known of an address space, without reading it: regions on both sides of a gap cannot merge while the gap is there.</summary>
    private void FoldKnownRanges(SessionTarget target)
    {
        _ranges.Clear();
        var regions = target.Regions;
        for (var first = 0; first < regions.Count;)
        {
            var last = first;
            while (last + 1 < regions.Count && regions.Starts[last + 1] == regions.Ends[last])
            {
                last++;
            }

            _ranges.Add(new AddressRange(regions.Starts[first], regions.Ends[last]));
            first = last + 1;
        }

        if (_ranges.Count > 0 && target.Probe.Granularity == ProbeGranularity.Page)
        {
            FoldRanges(target);
            regions.FollowRanges(_ranges.Ranges);
        }
    }

    private void FoldRanges(SessionTarget target)
    {
        if (target.Probe.Granularity != ProbeGranularity.Page)
        {
            return;
        }

        var most = Plan.Limits.Max / Math.Max(1, _targets.Count);
        if (Plan.Layout == AddressSpaceLayout.ThreeRanges)
        {
            _ranges.FoldToThree();
        }
        else
        {
            // Half of the regions for the shape of the address space, the other half for what is learned inside it.
            most /= 2;
        }

        _ranges.FoldTo(Math.Max(1, most));
    }
}
