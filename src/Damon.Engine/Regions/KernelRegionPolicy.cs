namespace Damon.Engine.Regions;

/// <summary>
/// DAMON's own algorithm as of Linux 7.3: neighbours merge when their access counts differ by at most a tenth of the highest count seen,
/// with a rising threshold while there are too many; every region is cut in two (or three, when two brought nothing) once per aggregation
/// while there is room. Source of the rules and numbers: the kernel's documents of the DAMON design and its unit tests' figures.
/// </summary>
/// <param name="limits">How many regions there may be.</param>
/// <param name="random">The session's source of chance.</param>
public sealed class KernelRegionPolicy(RegionLimits limits, RandomSource random) : IRegionPolicy
{
    private RegionLimits _limits = limits;
    private int _countAtLastSplit = -1;
    private int _splitOffset;

    /// <summary>No region may be larger than this, in bytes.</summary>
    public ulong SizeLimitBytes { get; private set; } = ulong.MaxValue;

    /// <summary>The largest region that still leaves room for the least number of regions.</summary>
    /// <param name="totalBytes">Bytes monitored.</param>
    /// <param name="minRegions">The least number of regions; below 1 counts as 1.</param>
    /// <param name="minRegionBytes">The smallest region, at least 1.</param>
    /// <returns>Bytes, a multiple of the smallest region: an equal share, rounded up.</returns>
    public static ulong SizeLimit(ulong totalBytes, int minRegions, ulong minRegionBytes) =>
        new RegionGrid(minRegionBytes).Up(Math.Max(totalBytes / (ulong)Math.Max(1, minRegions), minRegionBytes));

    /// <summary>Every how many regions one is cut, so that cutting never exceeds the maximum: all of them up to half of it, fewer and fewer above (Linux 7.3).</summary>
    /// <param name="count">Regions there are.</param>
    /// <param name="maxRegions">The most regions there may be.</param>
    /// <returns>1 for all of them; 0 where there is no room for any cut.</returns>
    public static int SplitStep(int count, int maxRegions) =>
        count >= maxRegions ? 0 : count > maxRegions / 2 ? maxRegions / (maxRegions - count) : 1;

    /// <inheritdoc/>
    public void Merge(IReadOnlyList<RegionTable> tables, uint maxSeen, uint maxAccesses)
    {
        if (SizeLimitBytes == ulong.MaxValue)
        {
            UpdateSizeLimit(tables);
        }

        // The threshold doubles until the count fits; the last pass is the first one whose threshold lets everything merge.
        ulong threshold = maxSeen / 10;
        var first = true;
        do
        {
            for (var i = 0; i < tables.Count; i++)
            {
                tables[i].Merge((uint)Math.Min(threshold, uint.MaxValue), SizeLimitBytes, first);
            }

            first = false;
            threshold = Math.Max(1, 2 * threshold);
        }
        while (RegionTable.CountOf(tables) > _limits.Max && threshold / 2 < maxAccesses);

        // What no threshold merges stays, as in DAMON: one that is above every count would make one region of hot and cold memory.
        UpdateSizeLimit(tables);
        CutToLimit(tables, _limits.Max, SizeLimitBytes);
    }

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<RegionTable> tables)
    {
        UpdateSizeLimit(tables);
        MergeToFit(tables, _limits.Max, SizeLimitBytes);
        CutToLimit(tables, _limits.Max, SizeLimitBytes);
    }

    /// <inheritdoc/>
    public void ChangeLimits(RegionLimits limits, IReadOnlyList<RegionTable> tables)
    {
        _limits = limits;
        Fit(tables);
    }

    /// <inheritdoc/>
    public void Split(IReadOnlyList<RegionTable> tables)
    {
        var count = RegionTable.CountOf(tables);
        var step = SplitStep(count, _limits.Max);
        if (step == 0)
        {
            return;
        }

        // Where only every step-th one is cut, begin elsewhere each time.
        var pieces = count == _countAtLastSplit && count < _limits.Max / 3 ? 3 : 2;
        _countAtLastSplit = count;
        var offset = _splitOffset++ & 0xFFFF;
        for (var i = 0; i < tables.Count; i++)
        {
            var before = tables[i].Count;
            tables[i].Split(pieces, step, offset, random);
            offset += before;
        }
    }

    /// <summary>
    /// Merges in the middle of an aggregation until there are just so many regions, first what is most alike. No more than that: what was cut to be told apart has not been looked at for long.
    /// Where the size limit leaves too many, it gives way.
    /// </summary>
    internal static void MergeToFit(IReadOnlyList<RegionTable> tables, int maxRegions, ulong sizeLimitBytes)
    {
        var excess = RegionTable.CountOf(tables) - maxRegions;
        if (excess > 0)
        {
            excess -= MergeSome(tables, excess, sizeLimitBytes);
        }

        if (excess > 0)
        {
            _ = MergeSome(tables, excess, ulong.MaxValue);
        }
    }

    private static int MergeSome(IReadOnlyList<RegionTable> tables, int most, ulong sizeLimitBytes)
    {
        var merged = 0;
        for (ulong threshold = 0; merged < most && threshold <= uint.MaxValue; threshold = Math.Max(1, 2 * threshold))
        {
            for (var i = 0; i < tables.Count && merged < most; i++)
            {
                merged += tables[i].Count < 2 ? 0 : tables[i].MergeSome((uint)threshold, sizeLimitBytes, most - merged);
            }
        }

        return merged;
    }

    /// <summary>
    /// Cuts what is larger than the size limit. The maximum bounds the cost of every look, the minimum only how coarse one is: where both cannot be held, the limit rises until the pieces fit
    /// (DAMON's cuts go beyond the maximum there).
    /// </summary>
    internal static void CutToLimit(IReadOnlyList<RegionTable> tables, int maxRegions, ulong sizeLimitBytes)
    {
        var room = (ulong)Math.Max(0, maxRegions - RegionTable.CountOf(tables));
        while (PiecesAbove(tables, sizeLimitBytes) > room)
        {
            sizeLimitBytes = sizeLimitBytes > ulong.MaxValue / 2 ? ulong.MaxValue : 2 * sizeLimitBytes;
        }

        for (var i = 0; i < tables.Count; i++)
        {
            tables[i].CutAbove(sizeLimitBytes);
        }
    }

    private static ulong PiecesAbove(IReadOnlyList<RegionTable> tables, ulong limitBytes)
    {
        ulong pieces = 0;
        for (var i = 0; i < tables.Count; i++)
        {
            pieces += tables[i].PiecesAbove(limitBytes);
        }

        return pieces;
    }

    /// <summary>The same, over the regions of several targets.</summary>
    internal static ulong SizeLimitOf(IReadOnlyList<RegionTable> tables, int minRegions)
    {
        ulong total = 0;
        ulong minRegionBytes = 1;
        for (var i = 0; i < tables.Count; i++)
        {
            total += tables[i].TotalBytes;
            minRegionBytes = Math.Max(minRegionBytes, tables[i].MinRegionBytes);
        }

        return SizeLimit(total, minRegions, minRegionBytes);
    }

    private void UpdateSizeLimit(IReadOnlyList<RegionTable> tables) => SizeLimitBytes = SizeLimitOf(tables, _limits.Min);
}
