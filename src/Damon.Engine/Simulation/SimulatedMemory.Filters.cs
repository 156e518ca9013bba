using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Simulation;

public sealed partial class SimulatedMemory
{
    private const PageFactKinds KnownFacts = PageFactKinds.Anonymous | PageFactKinds.Young;

    /// <summary>The latest look, and the one before it: pages that a look finds young stay so until its moment is over.</summary>
    private double _lookedAt = double.NegativeInfinity;
    private double _lookedBefore = double.NegativeInfinity;

    /// <summary>Says what is behind a region's pages; anonymous where nothing was said.</summary>
    /// <param name="region">Its index.</param>
    /// <param name="isFileBacked">Whether a file is.</param>
    public void SetBacking(int region, bool isFileBacked) => _regions[region].IsFileBacked = isFileBacked;

    /// <summary>
    /// Ends a look. One look is taken to be at all of the memory: a time for each page would make the cost grow with the memory's size.
    /// </summary>
    /// <inheritdoc cref="IMemoryActor.EndLook"/>
    public ActionOutcome EndLook(AddressRange range, PageFilters filters)
    {
        if (_lookedAt < _now)
        {
            _lookedBefore = _lookedAt;
            _lookedAt = _now;
        }

        return ActionOutcome.Applied;
    }

    private ActionOutcome MeasurePassing(MemoryAction action, AddressRange range, ulong maxBytes, PageFilters filters, out Reach reach)
    {
        reach = new Reach(range.Start, 0);
        if (!CanJudge(filters))
        {
            return ActionOutcome.Unsupported;
        }

        ulong reachable = 0;
        ulong filtered = 0;
        var end = range.Start;
        foreach (var region in _regions)
        {
            var to = PageIn(region, range.End);
            for (var page = PageIn(region, range.Start); page < to && reachable < maxBytes; page++)
            {
                end = region.Range.Start + ((page + 1) * PageBytes);
                if (!IsLookedAt(action, region, page))
                {
                    continue;
                }

                var passes = filters.IsEmpty || filters.Pass(FactsOf(region, page));
                reachable += passes ? PageBytes : 0;
                filtered += passes ? 0 : PageBytes;
            }
        }

        reach = new Reach(reachable < maxBytes ? range.End : end, reachable, FilteredBytes: filtered);
        return ActionOutcome.Applied;
    }

    private bool CanJudge(PageFilters filters)
    {
        LastError = "";
        foreach (var filter in filters.All)
        {
            if (filter.Type is not (SchemeFilterType.Anonymous or SchemeFilterType.Young))
            {
                LastError = $"the filter {filter.Type} cannot be judged: a simulated page is anonymous or of a file, young or old, and nothing else";
                return false;
            }
        }

        return true;
    }

    private bool IsLookedAt(MemoryAction action, SimulatedRegion region, ulong page)
    {
        var index = ((region.Range.Start - _base) / PageBytes) + page;
        return IsAway(index) == (action.Kind == SchemeAction.WillNeed) && (!Migrates(action) || IsAstray(action, index));
    }

    private PageFacts FactsOf(SimulatedRegion region, ulong page) => new(KnownFacts, IsAnonymous: !region.IsFileBacked, IsYoung: IsYoung(region, page));

    /// <summary>
    /// Whether the page was accessed since the last look, by the rate that it truly has now. The draw is a function of the page and the look and takes nothing from the source of chance: asked twice
    /// it answers alike, and a filter does not change what the memory does.
    /// </summary>
    private bool IsYoung(SimulatedRegion region, ulong page)
    {
        var index = ((region.Range.Start - _base) / PageBytes) + page;
        if (IsAway(index))
        {
            return false;
        }

        var since = _lookedAt < _now ? _lookedAt : _lookedBefore;
        if (double.IsNegativeInfinity(since))
        {
            // Never looked at counts as young.
            return true;
        }

        var rate = region.IsTouched(page, _now) ? region.PageRate : _strayRate;
        var seed = BitConverter.DoubleToUInt64Bits(since) ^ (index << 32) ^ index;
        var draw = (RandomSource.SplitMix(ref seed) >> 11) * (1.0 / (1UL << 53));
        return draw < ChanceCached(rate, _now - since);
    }
}
