namespace Damon.Engine.Regions;

/// <content>What the adaptive policy does to a table besides what DAMON's does.</content>
public sealed partial class RegionTable
{
    /// <summary>For merging whatever the ages.</summary>
    internal const uint AnyAge = 0;

    /// <summary>Cuts regions at many places in one pass.</summary>
    /// <param name="addresses">Ascending, without repetitions; an address that is inside no region is passed over.</param>
    public void CutAt(ReadOnlySpan<ulong> addresses)
    {
        var parts = Count + CountInside(addresses);
        if (parts == Count)
        {
            return;
        }

        _rows.EnsureCapacity(parts);
        var starts = _rows.Start;
        var ends = _rows.End;
        var origins = _rows.Origin;
        var to = parts - 1;
        var next = addresses.Length - 1;
        for (var i = Count - 1; i >= 0; i--)
        {
            // From the last one to the first, so that nothing is overwritten unread.
            var start = starts[i];
            var end = ends[i];
            while (next >= 0 && addresses[next] >= end)
            {
                next--;
            }

            for (; next >= 0 && addresses[next] > start; next--)
            {
                starts[to] = addresses[next];
                ends[to] = end;
                origins[to--] = i;
                end = addresses[next];
            }

            starts[to] = start;
            ends[to] = end;
            origins[to--] = i;
        }

        _rows.TakeParts(parts);
    }

    /// <summary>
    /// Merges neighbours whose counts and ages are alike. Unlike <see cref="Merge"/>, means are taken over a whole run of regions and rounded once, the last counts among them.
    /// </summary>
    /// <param name="threshold">Access counts that differ by at most this from the mean of the run so far are alike.</param>
    /// <param name="ageFactor">Ages of which one is more than so many times the other are not alike; <see cref="AnyAge"/> to merge them all.</param>
    /// <param name="limitBytes">No merged region is larger than this.</param>
    internal void MergeAlike(uint threshold, uint ageFactor, ulong limitBytes)
    {
        if (Count == 0)
        {
            return;
        }

        var heads = _rows.Origin;
        var group = 0;
        heads[0] = 0;
        var run = new RegionRun(_rows, 0);
        for (var i = 1; i < Count; i++)
        {
            if (_rows.End[i - 1] == _rows.Start[i]
                && run.IsAlike(_rows.Accesses[i], _rows.Age[i], threshold, ageFactor)
                && _rows.End[i] - _rows.Start[heads[group]] <= limitBytes)
            {
                run.Add(_rows, i);
                continue;
            }

            Close(run, group, heads[group]);
            heads[++group] = i;
            run = new RegionRun(_rows, i);
        }

        Close(run, group, heads[group]);
        if (group + 1 < Count)
        {
            _rows.JoinGroups(group + 1);
        }
    }

    private int CountInside(ReadOnlySpan<ulong> addresses)
    {
        var inside = 0;
        var row = 0;
        foreach (var address in addresses)
        {
            while (row < Count && _rows.End[row] <= address)
            {
                row++;
            }

            inside += row < Count && address > _rows.Start[row] ? 1 : 0;
        }

        return inside;
    }

    /// <summary>Counts and ages go where the group will be, the last count into the group's first row: <see cref="RegionColumns.JoinGroups"/> takes them from there.</summary>
    private void Close(in RegionRun run, int group, int head)
    {
        _rows.Accesses[group] = run.Accesses;
        _rows.Age[group] = run.Age;
        _rows.LastAccesses[head] = run.LastAccesses;
    }
}
