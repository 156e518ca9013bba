namespace Damon.Engine.Regions;

public sealed partial class RegionTable
{
    /// <summary>Replaces all regions by others, whatever their borders, as a recording does that brings its own.</summary>
    /// <param name="regions">
    /// Ascending, without overlaps, not empty; of any alignment. Their last counts are not looked at: each gets the mean of what stood at its addresses, weighted
    /// by size.
    /// </param>
    /// <remarks>What schemes have counted per region goes over by the share of the old region's bytes that lie in the new one; the rest is forgotten.</remarks>
    public void LayOut(ReadOnlySpan<Region> regions)
    {
        BeginRewrite(regions.Length);
        var first = 0;
        foreach (var region in regions)
        {
            while (first < Count && _rows.End[first] <= region.Start)
            {
                first++;
            }

            var row = _spare.Append(region);
            var ledger = _spare.LedgerOf(row);
            var lastAccesses = UInt128.Zero;
            ulong known = 0;
            for (var old = first; old < Count && _rows.Start[old] < region.End; old++)
            {
                var shared = Math.Min(_rows.End[old], region.End) - Math.Max(_rows.Start[old], region.Start);
                known += shared;
                lastAccesses += (UInt128)_rows.LastAccesses[old] * shared;
                var from = _rows.LedgerOf(old);
                for (var i = 0; i < from.Length; i++)
                {
                    ledger[i] += RegionColumns.Share(from[i], shared, _rows.End[old] - _rows.Start[old]);
                }
            }

            _spare.LastAccesses[row] = known == 0 ? 0 : (uint)(lastAccesses / known);
        }

        EndRewrite();
        SumUp();
    }
}
