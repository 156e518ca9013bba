namespace Damon.Engine.Schemes;

/// <summary>
/// A scheme's filters in the order in which DAMON asks them: first those on regions, then those on pages, each in the order given; the first one that is about the memory
/// decides. A region filter that lets memory through spares it the page filters, one that holds it back keeps it from being tried.
/// </summary>
public sealed class FilterChain
{
    /// <summary>The most region filters that a scheme may have; they are set by agents, one or two for each container.</summary>
    public const int MaxRegionFilters = 1024;

    private readonly SchemeFilter[] _regionFilters;

    /// <summary>Makes a chain.</summary>
    /// <param name="filters">Every filter of the scheme, in its order.</param>
    public FilterChain(IReadOnlyList<SchemeFilter> filters)
    {
        _regionFilters = [.. filters.Where(filter => filter.IsOfRegions)];
        Pages = new PageFilters(filters);
    }

    /// <summary>The filters on pages.</summary>
    public PageFilters Pages { get; }

    /// <summary>Whether regions are asked about at all.</summary>
    public bool HasRegionFilters => _regionFilters.Length > 0;

    /// <summary>
    /// Whether a region that no region filter is about is held back. Where there are page filters it is left to them: a list of wanted regions says nothing of the pages elsewhere.
    /// </summary>
    public bool HoldsBackRegionsByDefault => Pages.IsEmpty && HasRegionFilters && _regionFilters[^1].Allow;

    /// <summary>Checks a list of filters as it was given.</summary>
    /// <param name="filters">The list.</param>
    /// <param name="field">Its path in the plan.</param>
    /// <param name="errors">Gets what is wrong.</param>
    internal static void Check(IReadOnlyList<SchemeFilter>? filters, string field, List<PlanError> errors)
    {
        if (filters is null)
        {
            errors.Add(new PlanError(field, "is missing; write an empty list for no filters"));
            return;
        }

        // Counted first: a list of millions must cost one error, not millions.
        if (filters.Count > MaxRegionFilters + PageFilters.MaxCount)
        {
            errors.Add(new PlanError(field, $"{filters.Count} filters are too many; at most {PageFilters.MaxCount} on pages and {MaxRegionFilters} on addresses and targets"));
            return;
        }

        var ofRegions = 0;
        for (var i = 0; i < filters.Count; i++)
        {
            if (filters[i] is null)
            {
                errors.Add(new PlanError($"{field}[{i}]", "is missing"));
                continue;
            }

            ofRegions += filters[i].IsOfRegions ? 1 : 0;
            filters[i].Check($"{field}[{i}]", errors);
        }

        if (ofRegions > MaxRegionFilters)
        {
            errors.Add(new PlanError(field, $"{ofRegions} filters on addresses and targets are more than {MaxRegionFilters}"));
        }

        if (filters.Count - ofRegions > PageFilters.MaxCount)
        {
            errors.Add(new PlanError(field, $"{filters.Count - ofRegions} filters on pages are more than {PageFilters.MaxCount}"));
        }
    }

    /// <summary>Judges the head of a region: as much of it, from its start, as there is one verdict for.</summary>
    /// <param name="target">The target it is of.</param>
    /// <param name="start">The region's first address.</param>
    /// <param name="end">Its end, behind the start.</param>
    /// <param name="minRegionBytes">The smallest region, a power of two: borders of ranges are rounded down to it.</param>
    /// <param name="headEnd">Where the head ends; the region's end where there is one verdict for all of it.</param>
    /// <returns>The verdict on the head.</returns>
    public RegionVerdict JudgeHead(int target, ulong start, ulong end, ulong minRegionBytes, out ulong headEnd)
    {
        var verdict = JudgePiece(target, start, end, minRegionBytes, out headEnd);

        // Filters behind the deciding one may cut without need: go on while the next piece is judged alike.
        while (headEnd < end && JudgePiece(target, headEnd, end, minRegionBytes, out var next) == verdict)
        {
            headEnd = next;
        }

        return verdict;
    }

    /// <summary>How many bytes of a region are not held back.</summary>
    /// <param name="target">The target it is of.</param>
    /// <param name="start">The region's first address.</param>
    /// <param name="end">Its end, behind the start.</param>
    /// <param name="minRegionBytes">The smallest region, a power of two: borders of ranges are rounded down to it.</param>
    /// <returns>Bytes.</returns>
    public ulong CountTried(int target, ulong start, ulong end, ulong minRegionBytes)
    {
        if (!HasRegionFilters)
        {
            return end - start;
        }

        ulong tried = 0;
        while (start < end)
        {
            var verdict = JudgePiece(target, start, end, minRegionBytes, out var pieceEnd);
            tried += verdict == RegionVerdict.HeldBack ? 0 : pieceEnd - start;
            start = pieceEnd;
        }

        return tried;
    }

    private RegionVerdict JudgePiece(int target, ulong start, ulong end, ulong minRegionBytes, out ulong pieceEnd)
    {
        pieceEnd = end;
        foreach (var filter in _regionFilters)
        {
            var isSo = filter.Type == SchemeFilterType.Target ? filter.TargetId == target : IsInside(filter, start, minRegionBytes, ref pieceEnd);
            if (isSo == filter.Matching)
            {
                return filter.Allow ? RegionVerdict.LetThrough : RegionVerdict.HeldBack;
            }
        }

        return HoldsBackRegionsByDefault ? RegionVerdict.HeldBack : RegionVerdict.LeftToPages;
    }

    /// <summary>
    /// <code>
    ///            filter   [---------)
    ///  piece  [------)              :      cut at the filter's start: the head is outside
    ///                   :   [----------)   cut at the filter's end: the head is inside
    /// </code>
    /// What is cut off is judged by itself.
    /// </summary>
    private static bool IsInside(SchemeFilter filter, ulong start, ulong minRegionBytes, ref ulong end)
    {
        var from = filter.StartAddress & ~(minRegionBytes - 1);
        var to = filter.EndAddress & ~(minRegionBytes - 1);
        if (from >= to || end <= from || start >= to)
        {
            return false;
        }

        if (start < from)
        {
            end = from;
            return false;
        }

        end = Math.Min(end, to);
        return true;
    }
}
