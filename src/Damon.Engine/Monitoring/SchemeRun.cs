using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

/// <summary>A scheme in a running session: its thresholds for the intervals in force, its budget, its counts.</summary>
public sealed class SchemeRun
{
    private TriedRegion[] _tried = new TriedRegion[64];
    private int _triedCount;

    internal SchemeRun(int index, SchemeDescription description, ulong minRegionBytes)
    {
        Index = index;
        Description = description;
        Action = ActionOf(description);
        Window = new QuotaWindow(description.Quota, minRegionBytes);
        Filters = new FilterChain(description.Filters);
        Watermark = new SchemeWatermark(description.Watermarks ?? new SchemeWatermarks());
    }

    /// <summary>What was asked for.</summary>
    public SchemeDescription Description { get; private set; }

    /// <summary>
    /// Of the bytes that are away (<see cref="SchemeStatistics.AwayBytes"/>) those that are out of memory, or in Observe would be: all of them for page-out and reclaim. What was moved to another node, or
    /// made into huge pages, still is in memory.
    /// </summary>
    public ulong OutOfMemoryBytes => Description.Action is SchemeAction.Pageout or SchemeAction.Reclaim ? Statistics.AwayBytes : 0;

    /// <summary>Whether it is carried out.</summary>
    public SchemeState State => !Thresholds.IsRepresentable ? SchemeState.Unrepresentable : Watermark.IsResting ? SchemeState.Resting : SchemeState.Active;

    /// <summary>Whether the effect of its action is a number that can be measured; of the others, what was asked for is all that is known.</summary>
    public bool IsMeasured => MonitoringSession.IsMeasurable(Description.Action);

    /// <summary>Why it rests, for people; empty where it does not.</summary>
    public string RestReason => Watermark.RestReason;

    /// <summary>What it has seen and done.</summary>
    public SchemeStatistics Statistics { get; } = new();

    /// <summary>The pattern in counts, for the intervals in force.</summary>
    public PatternThresholds Thresholds { get; private set; }

    /// <summary>Bytes that the scheme may act on in the current quota window; <see cref="ulong.MaxValue"/> for no limit.</summary>
    public ulong EffectiveQuotaBytes => Window.EffectiveBytes;

    /// <summary>Bytes of it that are used up.</summary>
    public ulong ChargedQuotaBytes => Window.ChargedBytes;

    /// <summary>The action as actors take it.</summary>
    internal MemoryAction Action { get; private set; }

    internal int Index { get; private set; }

    internal QuotaWindow Window { get; }

    internal ulong NextApplyInterval { get; set; }

    /// <summary>Only regions of this score or above are acted on in this pass.</summary>
    internal int MinScore { get; set; }

    /// <summary>The target at which a used-up budget stopped the last pass; −1 for none.</summary>
    internal int ResumeTarget { get; set; } = -1;

    /// <summary>The address from which the next pass goes on.</summary>
    internal ulong ResumeAddress { get; set; }

    /// <summary>Its filters, in the order in which they are asked.</summary>
    internal FilterChain Filters { get; private set; }

    /// <summary>Whether its watermarks let it act.</summary>
    internal SchemeWatermark Watermark { get; }

    internal uint IntervalsBetweenPasses { get; private set; }

    /// <summary>Feeds a goal of the metric <see cref="GoalMetric.UserInput"/>; counts from the next quota window on. Called between two samples, from the session's thread.</summary>
    /// <param name="goal">The goal's place in the quota, from 0.</param>
    /// <param name="value">Its value.</param>
    /// <returns>False where there is no such goal or its metric is measured.</returns>
    public bool FeedGoal(int goal, ulong value)
    {
        if (goal < 0 || goal >= Window.Goals.Count || Window.Goals[goal].Goal.Metric != GoalMetric.UserInput)
        {
            return false;
        }

        Window.Goals[goal].Current = value;
        return true;
    }

    /// <summary>What was tried in the latest pass: the matching regions that came within the budget, or for <see cref="SchemeAction.Stat"/> all matching ones.</summary>
    /// <returns>A copy, in the order in which they were tried. A scheme that has left its session keeps its last one.</returns>
    public IReadOnlyList<TriedRegion> TriedInLatestPass() => _tried[.._triedCount];

    internal void BeginPass() => _triedCount = 0;

    internal void NoteTried(in TriedRegion tried)
    {
        if (_triedCount == _tried.Length)
        {
            Array.Resize(ref _tried, _triedCount * 2);
        }

        _tried[_triedCount++] = tried;
    }

    /// <summary>Whether a changed description leaves the ledger's meaning as it is: bytes that this action, really or as counted, has put away.</summary>
    internal bool KeepsLedger(SchemeDescription changed) =>
        changed.Action == Description.Action && changed.Mode == Description.Mode
        && changed.AnyDestinationWillDo == Description.AnyDestinationWillDo && changed.Destinations.SequenceEqual(Description.Destinations);

    /// <summary>
    /// Takes a changed description. Statistics, what is charged to the budget and the place where the next pass goes on stay; with another action or mode the
    /// place starts anew, because what lies before it has not been served by the new one. An equal description changes nothing.
    /// </summary>
    internal void Update(int index, SchemeDescription changed)
    {
        if (!KeepsLedger(changed))
        {
            ResumeTarget = -1;
            Statistics.AwayBytes = 0;
            Action = ActionOf(changed);
        }

        if (!changed.Filters.SequenceEqual(Description.Filters))
        {
            Filters = new FilterChain(changed.Filters);
        }

        Index = index;
        Description = changed;
        Window.Update(changed.Quota);
        Watermark.Update(changed.Watermarks ?? new SchemeWatermarks());
    }

    private static MemoryAction ActionOf(SchemeDescription description) => new(description.Action, [.. description.Destinations]) { AnyDestinationWillDo = description.AnyDestinationWillDo };

    internal void Convert(MonitoringIntervals intervals)
    {
        Thresholds = PatternThresholds.For(Description.Pattern, intervals.SamplesPerAggregation, intervals.Aggregation);
        var apply = Description.ApplyInterval > TimeSpan.Zero ? Description.ApplyInterval : intervals.Aggregation;
        IntervalsBetweenPasses = (uint)Math.Clamp(apply.Ticks / intervals.Sample.Ticks, 1, uint.MaxValue);
    }
}
