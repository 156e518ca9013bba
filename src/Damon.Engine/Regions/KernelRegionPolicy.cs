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
    /// <param name="minRegions">The least number of regions.</param>
    /// <param name="minRegionBytes">The smallest region, a power of two.</param>
    public static ulong SizeLimit(ulong totalBytes, int minRegions, ulong minRegionBytes)
    {
        var limit = Math.Max(totalBytes / (ulong)minRegions, minRegionBytes);
        return (limit + minRegionBytes - 1) & ~(minRegionBytes - 1);
    }

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

        Fit(tables);
    }

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<RegionTable> tables)
    {
        UpdateSizeLimit(tables);
        for (var i = 0; i < tables.Count; i++)
        {
            tables[i].CutAbove(SizeLimitBytes);
        }
    }

    /// <inheritdoc/>
    public void ChangeLimits(RegionLimits limits, IReadOnlyList<RegionTable> tables)
    {
        _limits = limits;
        UpdateSizeLimit(tables);
        MergeToFit(tables, limits.Max, SizeLimitBytes);
        Fit(tables);
    }

    /// <inheritdoc/>
    public void Split(IReadOnlyList<RegionTable> tables)
    {
        var count = RegionTable.CountOf(tables);
        if (count >= _limits.Max)
        {
            _countAtLastSplit = count;
            return;
        }

        // Above half of the maximum, cutting every region would overshoot: cut every step-th one, and begin elsewhere each time.
        var step = count > _limits.Max / 2 ? _limits.Max / (_limits.Max - count) : 1;
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

    /// <summary>Merges in the middle of an aggregation until there are at most so many regions, first what is most alike.</summary>
    internal static void MergeToFit(IReadOnlyList<RegionTable> tables, int maxRegions, ulong sizeLimitBytes)
    {
        for (ulong threshold = 0; RegionTable.CountOf(tables) > maxRegions && threshold <= uint.MaxValue; threshold = Math.Max(1, 2 * threshold))
        {
            for (var i = 0; i < tables.Count; i++)
            {
                tables[i].Merge((uint)threshold, sizeLimitBytes, countAges: false);
            }
        }
    }

    /// <summary>The same, over the regions of several targets.</summary>
    internal static ulong SizeLimitOf(IReadOnlyList<RegionTable> tables, int minRegions)
    {
        ulong total = 0;
        ulong minRegionBytes = 1;
        for (var i = 0; i < tables.Count; i++)
        {
            total += tables[i].TotalBytes;
            minRegionBytes = tables[i].MinRegionBytes;
        }

        return SizeLimit(total, minRegions, minRegionBytes);
    }

    private void UpdateSizeLimit(IReadOnlyList<RegionTable> tables) => SizeLimitBytes = SizeLimitOf(tables, _limits.Min);
}
