namespace Damon.Engine.Monitoring;

/// <content>Aggregations that somebody else has sampled: the session takes over what was found at their end, in one step.</content>
public sealed partial class MonitoringSession
{
    /// <summary>
    /// Lets aggregations pass that were sampled elsewhere. The region policy lays out what was found at the end of the last one; schemes that have become due are applied once, however many
    /// of their intervals have passed, because they all would look at this same report.
    /// </summary>
    /// <param name="aggregations">How many, at least 1.</param>
    /// <param name="isReported">Whether the report speaks of a target; of the others nothing is known, so nothing is done to them.</param>
    /// <returns>False where the session rests: nothing has passed.</returns>
    internal bool PassReported(uint aggregations, Predicate<SessionTarget> isReported)
    {
        ArgumentOutOfRangeException.ThrowIfZero(aggregations);
        if (IsPaused)
        {
            return false;
        }

        _passed += (ulong)aggregations * Samples;
        _nextAggregation = _passed;
        Elapsed += Intervals.Sample * Samples * aggregations;
        Aggregations += aggregations;
        foreach (var target in _targets)
        {
            target.ObservedSamples = isReported(target) ? Samples : 0;
            if (target.ObservedSamples == 0)
            {
                target.Regions.Clear();
            }
        }

        _policy.Merge(_tables, 0, Samples);
        DecayLedgers(aggregations);
        _observer?.OnAggregated(this);
        ApplyDueSchemes();
        _observer?.OnSchemesApplied(this);
        _nextAggregation = _passed + Samples;
        for (var i = 0; i < _tables.Count; i++)
        {
            _tables[i].ResetAggregation();
            _targets[i].WasObserved = _targets[i].ObservedSamples >= Samples;
            _targets[i].ObservedSamples = 0;
        }

        return true;
    }

    /// <summary>Takes a target out that has ended by itself or cannot be looked at.</summary>
    /// <param name="id">Its number; an unknown one is ignored.</param>
    /// <param name="state">How it ended.</param>
    /// <param name="reason">Why, for people.</param>
    internal void EndTarget(int id, TargetState state, string reason)
    {
        if (_targets.Find(t => t.Id == id) is { } target)
        {
            End(target, state, reason);
            DropEndedTargets();
        }
    }

    /// <summary>Takes the ledgers' bytes that lie in none of the regions that are about to be laid out as accessed again: what a query for cold memory does not report has been accessed.</summary>
    /// <param name="target">The target, with its table as it still is.</param>
    /// <param name="regions">What it is about to become; ascending, without overlaps.</param>
    internal void CountUnreported(SessionTarget target, ReadOnlySpan<Regions.Region> regions)
    {
        var table = target.Regions;
        var next = 0;
        for (var i = 0; i < table.Count; i++)
        {
            var (start, end) = (table.Starts[i], table.Ends[i]);
            while (next < regions.Length && regions[next].End <= start)
            {
                next++;
            }

            var missing = end - start;
            for (var at = next; at < regions.Length && regions[at].Start < end; at++)
            {
                missing -= Math.Min(end, regions[at].End) - Math.Max(start, regions[at].Start);
            }

            var ledger = table.LedgerOf(i);
            for (var s = 0; s < ledger.Length && missing > 0; s++)
            {
                if (IsUndoneByAccess(_schemes[s].Description.Action))
                {
                    NoteRefault(_schemes[s], target, Regions.RegionColumns.Share(ledger[s], missing, end - start));
                }
            }
        }
    }
}
