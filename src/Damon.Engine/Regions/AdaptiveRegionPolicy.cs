namespace Damon.Engine.Regions;

/// <summary>
/// Our own region policy, the default where sampling is done in user space. It differs from DAMON's (<see cref="KernelRegionPolicy"/>) in four ways: the whole budget of regions is spent in
/// every aggregation instead of a few regions more than were found; cuts are made where pieces were seen to hold both accessed and idle memory, and where cutting has told
/// something before, instead of at random; the mean of a merge is rounded once instead of down at every step, and the last count is a part of it; and memory that has just become idle does not
/// take the age of old idle memory around it.
/// </summary>
/// <remarks>See docs/engine.md for pictures, and the accuracy tests for what it brings over DAMON's policy on each pattern.</remarks>
/// <param name="limits">How many regions there may be.</param>
public sealed class AdaptiveRegionPolicy(RegionLimits limits) : IRegionPolicy
{
    private RegionLimits _limits = limits;

    /// <summary>For being mixed, one piece is cut into so many at the most: a look at 16 parts tells which one to cut next, and leaves budget for other places.</summary>
    private const int MaxPieces = 16;

    /// <summary>Pieces smaller than this many of the smallest regions are made only where there is a reason.</summary>
    private const int ExploredSize = 16;

    /// <summary>Of ages that differ by a factor above this, the younger is news.</summary>
    private const uint AlikeAges = 2;

    private ulong[] _cuts = [];
    private int _cutCount;

    /// <summary>No region that schemes see is larger than this, in bytes.</summary>
    public ulong SizeLimitBytes { get; private set; } = ulong.MaxValue;

    /// <inheritdoc/>
    public void Merge(IReadOnlyList<RegionTable> tables, uint maxSeen, uint maxAccesses)
    {
        var threshold = maxSeen / 10;
        UpdateSizeLimit(tables);
        for (var i = 0; i < tables.Count; i++)
        {
            var table = tables[i];
            if (!table.HoldsAges)
            {
                (table.Mesh ??= new RegionMesh()).Learn(table, Math.Max(1, maxAccesses));
            }

            table.CountAges(threshold);
        }

        // Half of the regions may hold what is known, so that the other half can find out more: first ages are let go, then counts.
        var ageFactor = AlikeAges;
        ulong rising = threshold;
        while (true)
        {
            for (var i = 0; i < tables.Count; i++)
            {
                tables[i].MergeAlike((uint)Math.Min(rising, uint.MaxValue), ageFactor, SizeLimitBytes);
            }

            if (RegionTable.CountOf(tables) <= Math.Max(_limits.Min, _limits.Max / 2) || rising > maxAccesses)
            {
                break;
            }

            if (ageFactor != RegionTable.AnyAge)
            {
                ageFactor = ageFactor > 64 ? RegionTable.AnyAge : ageFactor * 4;
            }
            else
            {
                rising = Math.Max(1, 2 * rising);
            }
        }

        Fit(tables);
    }

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<RegionTable> tables)
    {
        UpdateSizeLimit(tables);
        KernelRegionPolicy.MergeToFit(tables, _limits.Max, SizeLimitBytes);
        KernelRegionPolicy.CutToLimit(tables, _limits.Max, SizeLimitBytes);
    }

    /// <inheritdoc/>
    public void Split(IReadOnlyList<RegionTable> tables)
    {
        var budget = _limits.Max - RegionTable.CountOf(tables);
        if (budget <= 0)
        {
            return;
        }

        double mixed = 0;
        double total = 0;
        for (var i = 0; i < tables.Count; i++)
        {
            var table = tables[i];
            total += table.TotalBytes * table.Weight;
            foreach (ref readonly var cell in Cells(table))
            {
                mixed += cell.MixedBytes * table.Weight;
            }
        }

        // One half for places that are known to be mixed, as far as they can use it; all the rest to look everywhere alike.
        var perMixedByte = mixed > 0 ? budget / 2 / mixed : 0;
        double used = 0;
        for (var i = 0; i < tables.Count; i++)
        {
            foreach (ref readonly var cell in Cells(tables[i]))
            {
                used += ExtraPieces(cell, perMixedByte * tables[i].Weight, tables[i].MinRegionBytes);
            }
        }

        if (!(total > 0))
        {
            return;
        }

        var perByte = Math.Max(0, budget - used) / total;
        for (var i = 0; i < tables.Count && budget > 0; i++)
        {
            var weight = tables[i].Weight;
            budget -= Cut(tables[i], perMixedByte * weight, Math.Min(perByte * weight, 1.0 / (ExploredSize * tables[i].MinRegionBytes)), budget);
        }
    }

    /// <inheritdoc/>
    public void ChangeLimits(RegionLimits limits, IReadOnlyList<RegionTable> tables)
    {
        _limits = limits;
        Fit(tables);
    }

    private static ReadOnlySpan<RegionMesh.Cell> Cells(RegionTable table) => table.Mesh is { } mesh ? mesh.Cells : default;

    private static double ExtraPieces(in RegionMesh.Cell cell, double perMixedByte, ulong minRegionBytes) =>
        Math.Min(Math.Min(MaxPieces, (double)(cell.SizeBytes / minRegionBytes)), cell.MixedBytes * perMixedByte);

    /// <summary>Cuts so that each piece carries the same weight; pieces that were good stay as they were.</summary>
    /// <returns>How many regions there are more.</returns>
    private int Cut(RegionTable table, double perMixedByte, double perByte, int budget)
    {
        _cutCount = 0;
        if (_cuts.Length < budget)
        {
            _cuts = new ulong[Math.Max(budget, _cuts.Length * 2)];
        }

        var weight = 0.0;
        var position = 0UL;
        var cells = Cells(table);
        for (var i = 0; i < cells.Length; i++)
        {
            ref readonly var cell = ref cells[i];
            if (position < cell.Start)
            {
                CutNew(table, position, cell.Start, perByte, budget);
                weight = 0;
            }

            var pieces = (cell.SizeBytes * perByte) + ExtraPieces(cell, perMixedByte, table.MinRegionBytes);
            if (pieces >= 2)
            {
                AddCut(cell.Start, budget);
                CutInto(cell.Start, cell.End, (int)Math.Min(pieces, budget), table.MinRegionBytes, budget);
                AddCut(cell.End, budget);
                weight = 0;
            }
            else
            {
                GuardBorders(cells, i, budget);
                weight += pieces;
                if (weight >= 1)
                {
                    AddCut(cell.End, budget);
                    weight -= 1;
                }
            }

            position = cell.End;
        }

        CutNew(table, position, ulong.MaxValue, perByte, budget);
        var before = table.Count;
        table.CutAt(_cuts.AsSpan(0, _cutCount));
        return table.Count - before;
    }

    /// <summary>
    /// Beside a small piece that is accessed otherwise, as much of its large neighbour becomes a piece of its own: a border that was found by cutting lies where the cut was made, and what
    /// is on its other side may go on for a bit.
    /// </summary>
    private void GuardBorders(ReadOnlySpan<RegionMesh.Cell> cells, int index, int budget)
    {
        ref readonly var cell = ref cells[index];
        if (index > 0 && IsBorderOfSmall(cells[index - 1], cell) && cells[index - 1].End == cell.Start)
        {
            AddCut(cell.Start + cells[index - 1].SizeBytes, budget);
        }

        if (index + 1 < cells.Length && IsBorderOfSmall(cells[index + 1], cell) && cells[index + 1].Start == cell.End)
        {
            AddCut(cell.End - cells[index + 1].SizeBytes, budget);
        }
    }

    private static bool IsBorderOfSmall(in RegionMesh.Cell small, in RegionMesh.Cell large) =>
        small.SizeBytes < large.SizeBytes / 2 && large.DiffersFrom(small.Rate, small.Samples);

    /// <summary>Cuts evenly what is monitored and not remembered yet. Most of the addresses between two remembered pieces belong to nobody: a gap gets no cuts.</summary>
    private void CutNew(RegionTable table, ulong from, ulong to, double perByte, int budget)
    {
        for (var i = table.FindEndingAfter(from); i < table.Count && table.Starts[i] < to; i++)
        {
            var start = Math.Max(from, table.Starts[i]);
            var end = Math.Min(to, table.Ends[i]);
            CutInto(start, end, (int)Math.Min((end - start) * perByte, budget), table.MinRegionBytes, budget);
        }
    }

    private void CutInto(ulong start, ulong end, int pieces, ulong minRegionBytes, int budget)
    {
        var grid = new RegionGrid(minRegionBytes);
        for (var i = 1; i < pieces; i++)
        {
            AddCut(grid.Down(start + (ulong)((end - start) * ((double)i / pieces))), budget);
        }
    }

    private void AddCut(ulong address, int budget)
    {
        if (_cutCount < budget && (_cutCount == 0 || _cuts[_cutCount - 1] < address))
        {
            _cuts[_cutCount++] = address;
        }
    }

    private void UpdateSizeLimit(IReadOnlyList<RegionTable> tables) => SizeLimitBytes = KernelRegionPolicy.SizeLimitOf(tables, _limits.Min);
}
