using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Monitoring;

public sealed partial class MonitoringSession
{
    /// <summary>The page filters for the region at hand: those of the scheme, or none where a region filter has let the region through.</summary>
    private PageFilters _pageFilters;

    /// <summary>The page filters of the batch that is being collected.</summary>
    private PageFilters _batchFilters;

    /// <summary>How much of a matching region counts as tried, in bytes.</summary>
    private ulong TriedBytes(SchemeRun scheme, SessionTarget target, int index) =>
        scheme.Filters.CountTried(target.Id, target.Regions.Starts[index], target.Regions.Ends[index], Plan.MinRegionBytes);

    /// <summary>
    /// Asks the region filters of a matching region and cuts it where they say different things of its parts: what is cut off follows as a region of its own. Sets
    /// <see cref="_pageFilters"/> for what may be tried.
    /// </summary>
    /// <returns>Whether the region, as it is now, may be tried.</returns>
    private bool PassesRegionFilters(SchemeRun scheme, SessionTarget target, int index)
    {
        var filters = scheme.Filters;
        _pageFilters = filters.Pages;
        if (!filters.HasRegionFilters)
        {
            return true;
        }

        var regions = target.Regions;
        var end = regions.Ends[index];
        var verdict = filters.JudgeHead(target.Id, regions.Starts[index], end, Plan.MinRegionBytes, out var headEnd);
        if (headEnd < end)
        {
            // Without room for one more region it waits, whatever its head is, until regions have merged.
            if (_roomForCuts <= 0)
            {
                return false;
            }

            Cut(regions, index, headEnd);
        }

        if (verdict == RegionVerdict.LetThrough)
        {
            _pageFilters = default;
        }

        return verdict != RegionVerdict.HeldBack;
    }

    /// <summary>
    /// For a scheme that only counts and has page filters: looks at the pages of everything that matches. Nothing is cut, nothing is charged: a budget bounds what is done to memory, and nothing is.
    /// </summary>
    private void CountFilterPassed(SchemeRun scheme)
    {
        if (scheme.Description.Action != SchemeAction.Stat || scheme.Filters.Pages.IsEmpty)
        {
            return;
        }

        var measured = false;
        for (var t = 0; t < _targets.Count; t++)
        {
            if (_targets[t].IsServedBy(scheme))
            {
                CountFilterPassed(scheme, _targets[t], ref measured);
            }
        }
    }

    /// <summary>Notes the parts of a region that are tried, for a scheme that only counts and cuts nothing.</summary>
    private void NoteTriedParts(SchemeRun scheme, SessionTarget target, int index)
    {
        var end = target.Regions.Ends[index];
        for (var start = target.Regions.Starts[index]; start < end;)
        {
            var verdict = scheme.Filters.JudgeHead(target.Id, start, end, Plan.MinRegionBytes, out var headEnd);
            if (verdict != RegionVerdict.HeldBack)
            {
                NoteTried(scheme, target, index, new AddressRange(start, headEnd), 0);
            }

            start = headEnd;
        }
    }

    private void CountFilterPassed(SchemeRun scheme, SessionTarget target, ref bool measured)
    {
        var regions = target.Regions;
        var canMeasure = true;
        for (var i = 0; i < regions.Count; i++)
        {
            if (!Matches(scheme, target, i, out _))
            {
                continue;
            }

            var end = regions.Ends[i];
            for (var start = regions.Starts[i]; start < end;)
            {
                var verdict = scheme.Filters.JudgeHead(target.Id, start, end, Plan.MinRegionBytes, out var headEnd);
                var range = new AddressRange(start, headEnd);
                start = headEnd;
                if (verdict == RegionVerdict.HeldBack)
                {
                    continue;
                }

                var filters = verdict == RegionVerdict.LetThrough ? default : scheme.Filters.Pages;
                if (!canMeasure)
                {
                    NoteTried(scheme, target, i, range, 0);
                    continue;
                }

                var outcome = target.Actor.Measure(SchemeAction.Stat, range, ulong.MaxValue, out var reach, filters);
                canMeasure = outcome == ActionOutcome.Applied;
                NoteTried(scheme, target, i, range, canMeasure ? reach.PassedBytes : 0);
                if (!canMeasure)
                {
                    // One failure for a target and pass is enough said: the next range of the same memory would fail alike.
                    NoteFailure(scheme, target, outcome);
                    continue;
                }

                NoteReach(scheme, reach, ref measured);
                EndLook(scheme, target, range, filters);
            }
        }
    }

    /// <summary>From now on the range's young pages are those that are accessed later.</summary>
    private static void EndLook(SchemeRun scheme, SessionTarget target, AddressRange range, PageFilters filters)
    {
        if ((filters.Needs & PageFactKinds.Young) == PageFactKinds.None)
        {
            return;
        }

        var outcome = target.Actor.EndLook(range, filters);
        if (outcome != ActionOutcome.Applied)
        {
            NoteFailure(scheme, target, outcome);
        }
    }

    /// <summary>After a batch was acted on, which judges its pages once more.</summary>
    private void EndBatchLooks(SchemeRun scheme, SessionTarget target)
    {
        for (var i = 0; i < _batchCount; i++)
        {
            EndLook(scheme, target, _batchRanges[i], _batchFilters);
        }
    }

    /// <summary>One call acts by one set of page filters: what region filters have let through does not go into a batch with what is left to the pages.</summary>
    private void KeepBatchAlike(SchemeRun scheme, SessionTarget target, GroupBudget? group)
    {
        if (_batchFilters != _pageFilters)
        {
            FlushBatch(scheme, target, group);
            _batchFilters = _pageFilters;
        }
    }
}
