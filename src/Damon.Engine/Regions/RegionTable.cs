using System.Numerics;

namespace Damon.Engine.Regions;

/// <summary>
/// The regions of one target: ascending, not overlapping, each at least the smallest region size long (but for what an address space
/// ends with). Regions are split and merged so that each one stands for memory that is accessed alike. The arithmetic is DAMON's, to the
/// vectors of <c>docs/reference/conformance.md</c>.
/// </summary>
public sealed partial class RegionTable
{
    /// <summary>For merging whatever the ages.</summary>
    internal const uint AnyAge = 0;
    private const int MaxPiecesOnStack = 16;

    private RegionColumns _rows;
    private RegionColumns _spare;

    /// <summary>Makes an empty table.</summary>
    /// <param name="minRegionBytes">The smallest region, a power of two; 4096 where regions are made of pages.</param>
    /// <param name="ledgers">How many schemes keep a count per region.</param>
    /// <param name="capacity">Rows to make room for at once.</param>
    public RegionTable(ulong minRegionBytes, int ledgers = 0, int capacity = 16)
    {
        if (!ulong.IsPow2(minRegionBytes))
        {
            throw new ArgumentOutOfRangeException(nameof(minRegionBytes), minRegionBytes, "The smallest region size is a power of two.");
        }

        MinRegionBytes = minRegionBytes;
        _rows = new RegionColumns(capacity, ledgers);
        _spare = new RegionColumns(capacity, ledgers);
    }

    /// <summary>The smallest region, in bytes.</summary>
    public ulong MinRegionBytes { get; }

    /// <summary>Whether ages do not grow when counted next, because not every sample interval was observed. They still start anew where a count has changed.</summary>
    public bool HoldsAges { get; set; }

    /// <summary>What the region policy remembers of this target; null where it remembers nothing.</summary>
    internal RegionMesh? Mesh { get; set; }

    /// <summary>How many regions there are.</summary>
    public int Count => _rows.Count;

    /// <summary>The regions' first addresses.</summary>
    public ReadOnlySpan<ulong> Starts => _rows.Start.AsSpan(0, Count);

    /// <summary>The regions' ends.</summary>
    public ReadOnlySpan<ulong> Ends => _rows.End.AsSpan(0, Count);

    /// <summary>The addresses that are sampled in this interval.</summary>
    public ReadOnlySpan<ulong> SampleAddresses => _rows.SampleAddress.AsSpan(0, Count);

    /// <summary>Access counts of the current aggregation.</summary>
    public Span<uint> Accesses => _rows.Accesses.AsSpan(0, Count);

    /// <summary>Access counts of the previous aggregation.</summary>
    public Span<uint> LastAccesses => _rows.LastAccesses.AsSpan(0, Count);

    /// <summary>Ages, in aggregations.</summary>
    public Span<uint> Ages => _rows.Age.AsSpan(0, Count);

    /// <summary>Counts of sample intervals in which only a part of a mapping was accessed.</summary>
    public Span<uint> PartlyAccessed => _rows.PartlyAccessed.AsSpan(0, Count);

    /// <summary>One region, copied out.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    public Region this[int index] => _rows.Read(index);

    /// <summary>A region's counts per scheme.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> − 1.</param>
    public Span<ulong> LedgerOf(int index) => _rows.LedgerOf(index);

    /// <summary>Gives the counts per scheme other columns, for schemes that came, went, or changed places.</summary>
    /// <param name="from">For each column the present one whose counts it takes over; −1 for an empty one.</param>
    public void RemapLedgers(ReadOnlySpan<int> from)
    {
        _rows.RemapLedgers(from);
        _spare.Count = 0;
        _spare.RemapLedgers(from);
    }

    /// <summary>Bytes covered by all regions.</summary>
    public ulong TotalBytes
    {
        get
        {
            ulong total = 0;
            for (var i = 0; i < Count; i++)
            {
                total += _rows.End[i] - _rows.Start[i];
            }

            return total;
        }
    }

    /// <summary>Regions of several targets.</summary>
    internal static int CountOf(IReadOnlyList<RegionTable> tables)
    {
        var count = 0;
        for (var i = 0; i < tables.Count; i++)
        {
            count += tables[i].Count;
        }

        return count;
    }

    /// <summary>Removes every region.</summary>
    public void Clear() => _rows.Count = 0;

    /// <summary>Adds a region behind the last one.</summary>
    /// <param name="region">Starts at or behind the end of the last region.</param>
    public void Append(in Region region)
    {
        if (region.End <= region.Start || (Count > 0 && region.Start < _rows.End[Count - 1]))
        {
            throw new ArgumentException($"{region.Range} is empty or does not follow the last region.", nameof(region));
        }

        _rows.Append(region);
    }

    /// <summary>The index of the first region that ends behind an address; <see cref="Count"/> where there is none.</summary>
    /// <param name="address">Any address.</param>
    public int FindEndingAfter(ulong address)
    {
        var low = 0;
        var high = Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_rows.End[middle] > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Draws a new address to sample, uniformly, in every region.</summary>
    /// <param name="random">The session's source of chance.</param>
    public void PickSampleAddresses(RandomSource random)
    {
        var starts = Starts;
        var ends = Ends;
        var samples = _rows.SampleAddress.AsSpan(0, Count);
        var state = random.State;
        for (var i = 0; i < starts.Length; i++)
        {
            samples[i] = starts[i] + state.NextBelow(ends[i] - starts[i]);
        }

        random.State = state;
    }

    /// <summary>Cuts one region in two; both parts keep its statistics.</summary>
    /// <param name="index">The region.</param>
    /// <param name="address">The first address of the second part; inside the region.</param>
    public void SplitAt(int index, ulong address)
    {
        if (address <= _rows.Start[index] || address >= _rows.End[index])
        {
            throw new ArgumentOutOfRangeException(nameof(address), address, $"is not inside {_rows.Read(index).Range}.");
        }

        _rows.InsertPart(index, address);
    }

    /// <summary>Cuts regions at many places in one pass.</summary>
    /// <param name="addresses">Ascending; an address that is inside no region is passed over.</param>
    public void CutAt(ReadOnlySpan<ulong> addresses)
    {
        BeginRewrite(Count + addresses.Length);
        var next = 0;
        for (var i = 0; i < Count; i++)
        {
            var start = _rows.Start[i];
            while (next < addresses.Length && addresses[next] <= start)
            {
                next++;
            }

            for (; next < addresses.Length && addresses[next] < _rows.End[i]; next++)
            {
                _spare.AppendPart(_rows, i, start, addresses[next]);
                start = addresses[next];
            }

            _spare.AppendPart(_rows, i, start, _rows.End[i]);
        }

        EndRewrite();
    }

    /// <summary>Cuts every region above a size into pieces of that size; the last piece is what remains.</summary>
    /// <param name="limitBytes">At least the smallest region size.</param>
    public void CutAbove(ulong limitBytes)
    {
        limitBytes = Math.Max(limitBytes, MinRegionBytes);
        var needed = Count;
        for (var i = 0; i < Count; i++)
        {
            var size = _rows.End[i] - _rows.Start[i];
            if (size > limitBytes)
            {
                needed += checked((int)(size / limitBytes));
            }
        }

        if (needed == Count)
        {
            return;
        }

        BeginRewrite(needed);
        for (var i = 0; i < Count; i++)
        {
            var start = _rows.Start[i];
            while (_rows.End[i] - start > limitBytes)
            {
                _spare.AppendPart(_rows, i, start, start + limitBytes);
                start += limitBytes;
            }

            _spare.AppendPart(_rows, i, start, _rows.End[i]);
        }

        EndRewrite();
    }

    /// <summary>Cuts a region into pieces of equal size; the last one also has what remains. DAMON laid out new address spaces so up to Linux 7.0.</summary>
    /// <param name="index">The region.</param>
    /// <param name="pieces">How many.</param>
    /// <returns>False, and nothing is changed, where there is no such region, no piece is asked for, or a piece would be smaller than the smallest region.</returns>
    public bool TryCutEvenly(int index, int pieces)
    {
        if (index < 0 || index >= Count || pieces < 1)
        {
            return false;
        }

        var size = AlignDown((_rows.End[index] - _rows.Start[index]) / (ulong)pieces);
        if (size == 0)
        {
            return false;
        }

        var cuts = new ulong[pieces - 1];
        for (var piece = 1; piece < pieces; piece++)
        {
            cuts[piece - 1] = _rows.Start[index] + ((ulong)piece * size);
        }

        CutAt(cuts);
        return true;
    }

    /// <summary>Cuts regions at random places, so that parts which are accessed differently can be told apart.</summary>
    /// <param name="pieces">How many pieces to make of each region, at the most; 1 does nothing.</param>
    /// <param name="step">Cut only every <paramref name="step"/>-th region, 1 for all of them.</param>
    /// <param name="offset">Which region the counting begins with; carries on over several tables.</param>
    /// <param name="random">The session's source of chance.</param>
    public void Split(int pieces, int step, int offset, RandomSource random)
    {
        BeginRewrite(checked(Count * pieces));
        var written = 0;
        var starts = Starts;
        var ends = Ends;
        var newStarts = _spare.Start;
        var newEnds = _spare.End;
        var origins = _spare.Origin;
        Span<ulong> cuts = pieces <= MaxPiecesOnStack ? stackalloc ulong[MaxPiecesOnStack] : new ulong[pieces];
        var state = random.State;
        var mask = ~(MinRegionBytes - 1);
        var smallest = 2 * MinRegionBytes;

        // The distance to the next region to cut: one division for the table, not one for each region.
        var toCut = (step - (offset % step)) % step;
        for (var i = 0; i < starts.Length; i++)
        {
            var start = starts[i];
            var end = ends[i];
            if (toCut-- == 0)
            {
                toCut = step - 1;

                // Each cut works on what is left of the previous one, as DAMON's does; the parts are written in address order afterwards.
                var cutCount = 0;
                var size = end - start;
                for (var cut = 1; cut < pieces && size > smallest; cut++)
                {
                    var tenths = 1 + state.NextBelow(9);
                    var left = (((size / 10) * tenths) + ((size % 10) * tenths / 10)) & mask;
                    if (left != 0 && left < size)
                    {
                        size = left;
                        cuts[cutCount++] = start + left;
                    }
                }

                while (cutCount > 0)
                {
                    var cut = cuts[--cutCount];
                    newStarts[written] = start;
                    newEnds[written] = cut;
                    origins[written++] = i;
                    start = cut;
                }
            }

            newStarts[written] = start;
            newEnds[written] = end;
            origins[written++] = i;
        }

        random.State = state;
        _spare.TakeParts(_rows, written);
        EndRewrite();
    }

    /// <summary>Lets ages grow or start anew, then merges neighbours that are accessed alike.</summary>
    /// <param name="threshold">Access counts that differ by at most this are alike.</param>
    /// <param name="limitBytes">No merged region is larger than this.</param>
    /// <param name="countAges">Whether this pass ages the regions; only the first pass of an aggregation does.</param>
    public void Merge(uint threshold, ulong limitBytes, bool countAges)
    {
        if (countAges)
        {
            CountAges(threshold);
        }

        // In place: the write position never passes the read position.
        var count = Count;
        if (count == 0)
        {
            return;
        }

        var starts = _rows.Start;
        var ends = _rows.End;
        var accesses = _rows.Accesses;
        var last = 0;
        for (var i = 1; i < count; i++)
        {
            if (ends[last] == starts[i]
                && Difference(accesses[last], accesses[i]) <= threshold
                && ends[i] - starts[last] <= limitBytes)
            {
                Absorb(last, i);
            }
            else
            {
                MoveRow(i, ++last);
            }
        }

        _rows.Count = last + 1;
    }

    /// <summary>
    /// Merges neighbours whose counts and ages are alike. Unlike <see cref="Merge"/>, means are taken over a whole run of regions and rounded once, the last counts among them.
    /// </summary>
    /// <param name="threshold">Access counts that differ by at most this from the mean of the run so far are alike.</param>
    /// <param name="ageFactor">Ages of which one is more than so many times the other are not alike; <see cref="AnyAge"/> to merge them all.</param>
    /// <param name="limitBytes">No merged region is larger than this.</param>
    internal void MergeAlike(uint threshold, uint ageFactor, ulong limitBytes)
    {
        // In place, as in Merge.
        var last = -1;
        var run = default(RegionRun);
        for (var i = 0; i < Count; i++)
        {
            if (last >= 0
                && _rows.End[last] == _rows.Start[i]
                && run.IsAlike(_rows.Accesses[i], _rows.Age[i], threshold, ageFactor)
                && _rows.End[i] - _rows.Start[last] <= limitBytes)
            {
                run.Add(_rows, i);
                _rows.End[last] = _rows.End[i];
                _rows.PartlyAccessed[last] = Math.Max(_rows.PartlyAccessed[last], _rows.PartlyAccessed[i]);
                AddLedger(last, i);
            }
            else
            {
                if (last >= 0)
                {
                    run.WriteTo(_rows, last);
                }

                last++;
                MoveRow(i, last);
                run = default;
                run.Add(_rows, last);
            }
        }

        if (last >= 0)
        {
            run.WriteTo(_rows, last);
        }

        _rows.Count = last + 1;
    }

    /// <summary>Ends an aggregation: the counts become the last counts and start from zero.</summary>
    public void ResetAggregation()
    {
        Accesses.CopyTo(LastAccesses);
        Accesses.Clear();
        PartlyAccessed.Clear();
    }

    /// <summary>Changes which addresses are covered and keeps the statistics of what stays.</summary>
    /// <param name="ranges">Ascending, without overlaps.</param>
    public void SetRanges(ReadOnlySpan<AddressRange> ranges)
    {
        BeginRewrite(Count + ranges.Length);
        var row = 0;
        foreach (var range in ranges)
        {
            var start = AlignDown(range.Start);
            var end = AlignUp(range.End);

            // Two ranges that round to the same page share it; the first one has it.
            if (_spare.Count > 0)
            {
                start = Math.Max(start, _spare.End[_spare.Count - 1]);
            }

            if (end <= start)
            {
                continue;
            }

            while (row < Count && _rows.End[row] <= start)
            {
                row++;
            }

            FillRange(start, end, row);
        }

        EndRewrite();
    }

    /// <summary>Joins all regions that lie in the same range, however they are accessed.</summary>
    /// <param name="ranges">Ascending, without overlaps; those of the latest <see cref="SetRanges"/>.</param>
    public void JoinWithin(ReadOnlySpan<AddressRange> ranges)
    {
        var range = 0;
        var last = -1;
        for (var i = 0; i < Count; i++)
        {
            while (range < ranges.Length && ranges[range].End <= _rows.Start[i])
            {
                range++;
            }

            if (last >= 0 && range < ranges.Length && _rows.End[last] == _rows.Start[i] && _rows.Start[last] >= AlignDown(ranges[range].Start))
            {
                Absorb(last, i);
            }
            else
            {
                last++;
                MoveRow(i, last);
            }
        }

        _rows.Count = last + 1;
    }

    private void FillRange(ulong start, ulong end, int row)
    {
        // The first and the last region that reach into the range are stretched to its ends; holes between regions become fresh regions.
        var position = start;
        var first = true;
        for (; row < Count && _rows.Start[row] < end; row++)
        {
            var from = first ? start : _rows.Start[row];
            first = false;
            if (from > position)
            {
                _spare.Append(new Region(position, from));
            }

            var isLast = row + 1 >= Count || _rows.Start[row + 1] >= end;
            var to = isLast ? end : Math.Min(_rows.End[row], end);
            _spare.AppendPart(_rows, row, from, to);
            position = to;
        }

        if (first)
        {
            _spare.Append(new Region(start, end));
        }
    }

    /// <summary>Lets ages grow, or start anew where the count has changed.</summary>
    /// <param name="threshold">Counts that differ by at most this have not changed, unless one of them is zero.</param>
    internal void CountAges(uint threshold)
    {
        var accesses = Accesses;
        var last = LastAccesses;
        var ages = Ages;
        var growth = HoldsAges ? 0u : 1u;
        var i = 0;
        var width = Vector<uint>.Count;
        if (ages.Length >= width)
        {
            var thresholds = new Vector<uint>(threshold);
            var growths = new Vector<uint>(growth);
            for (; i <= ages.Length - width; i += width)
            {
                var now = new Vector<uint>(accesses[i..]);
                var before = new Vector<uint>(last[i..]);
                var differs = Vector.GreaterThan(Vector.Max(now, before) - Vector.Min(now, before), thresholds);
                var crosses = Vector.Xor(Vector.Equals(now, Vector<uint>.Zero), Vector.Equals(before, Vector<uint>.Zero));
                var age = new Vector<uint>(ages[i..]);
                var older = Vector.Max(age, age + growths); // The oldest stay the oldest instead of beginning anew.
                Vector.AndNot(older, Vector.BitwiseOr(differs, crosses)).CopyTo(ages[i..]);
            }
        }

        for (; i < ages.Length; i++)
        {
            var changed = Difference(accesses[i], last[i]) > threshold || (accesses[i] == 0) != (last[i] == 0);
            ages[i] = changed ? 0 : Math.Max(ages[i], ages[i] + growth);
        }
    }

    private void Absorb(int left, int right)
    {
        var leftSize = _rows.End[left] - _rows.Start[left];
        var rightSize = _rows.End[right] - _rows.Start[right];
        _rows.Accesses[left] = WeightedMean(_rows.Accesses[left], leftSize, _rows.Accesses[right], rightSize);
        _rows.Age[left] = WeightedMean(_rows.Age[left], leftSize, _rows.Age[right], rightSize);

        // Partly is a warning: what either part saw, the whole has seen.
        _rows.PartlyAccessed[left] = Math.Max(_rows.PartlyAccessed[left], _rows.PartlyAccessed[right]);
        _rows.End[left] = _rows.End[right];
        AddLedger(left, right);
    }

    private void AddLedger(int to, int from)
    {
        if (!_rows.HasLedgers)
        {
            return;
        }

        var sum = _rows.LedgerOf(to);
        var more = _rows.LedgerOf(from);
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] += more[i];
        }
    }

    private void MoveRow(int from, int to)
    {
        if (from == to)
        {
            return;
        }

        _rows.Start[to] = _rows.Start[from];
        _rows.End[to] = _rows.End[from];
        _rows.SampleAddress[to] = _rows.SampleAddress[from];
        _rows.Accesses[to] = _rows.Accesses[from];
        _rows.LastAccesses[to] = _rows.LastAccesses[from];
        _rows.Age[to] = _rows.Age[from];
        _rows.PartlyAccessed[to] = _rows.PartlyAccessed[from];
        if (_rows.HasLedgers)
        {
            _rows.LedgerOf(from).CopyTo(_rows.LedgerOf(to));
        }
    }

    private void BeginRewrite(int capacity)
    {
        _spare.EnsureCapacity(capacity);
        _spare.Count = 0;
    }

    private void EndRewrite() => (_rows, _spare) = (_spare, _rows);

    private static uint Difference(uint a, uint b) => a > b ? a - b : b - a;

    private static uint WeightedMean(uint left, ulong leftSize, uint right, ulong rightSize)
    {
        if (left == right)
        {
            return left;
        }

        // Counts below 2^16 and regions below 2^46 bytes fit 64 bits; anything else takes the wide path.
        return (left | right) < 1u << 16 && (leftSize | rightSize) < 1UL << 46
            ? (uint)(((left * leftSize) + (right * rightSize)) / (leftSize + rightSize))
            : (uint)((((UInt128)left * leftSize) + ((UInt128)right * rightSize)) / (leftSize + rightSize));
    }

    private ulong AlignDown(ulong address) => address & ~(MinRegionBytes - 1);

    private ulong AlignUp(ulong address) => AlignDown(address + MinRegionBytes - 1);
}
