using System.Numerics;
using System.Runtime.CompilerServices;

namespace Damon.Engine.Regions;

/// <summary>
/// The regions of one target: ascending, not overlapping, each at least the smallest region size long (but for what an address space
/// ends with). Regions are split and merged so that each one stands for memory that is accessed alike. The arithmetic is DAMON's, to the
/// vectors of <c>docs/reference/conformance.md</c>.
/// </summary>
public sealed partial class RegionTable
{
    private readonly RegionGrid _grid;
    private RegionColumns _rows;
    private RegionColumns _spare;

    /// <summary>Makes an empty table.</summary>
    /// <param name="minRegionBytes">The smallest region, at least 1; 4096 where regions are made of pages. A session takes powers of two only.</param>
    /// <param name="ledgers">How many schemes keep a count per region.</param>
    /// <param name="capacity">Rows to make room for at once.</param>
    public RegionTable(ulong minRegionBytes, int ledgers = 0, int capacity = 16)
    {
        ArgumentOutOfRangeException.ThrowIfZero(minRegionBytes);
        MinRegionBytes = minRegionBytes;
        _grid = new RegionGrid(minRegionBytes);
        _rows = new RegionColumns(capacity, ledgers);
        _spare = new RegionColumns(0, ledgers);
    }

    /// <summary>The smallest region, in bytes.</summary>
    public ulong MinRegionBytes { get; }

    /// <summary>Whether ages do not grow when counted next, because not every sample interval was observed. They still start anew where a count has changed.</summary>
    public bool HoldsAges { get; set; }

    /// <summary>What the region policy remembers of this target; null where it remembers nothing.</summary>
    internal RegionMesh? Mesh { get; set; }

    /// <summary>How densely it is cut compared with other tables of the same session.</summary>
    internal double Weight { get; set; } = 1;

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

    /// <summary>Bytes covered by all regions. Kept, not summed up: only new ranges change it.</summary>
    public ulong TotalBytes { get; private set; }

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
    public void Clear()
    {
        _rows.Count = 0;
        TotalBytes = 0;
    }

    /// <summary>Adds a region behind the last one.</summary>
    /// <param name="region">Starts at or behind the end of the last region.</param>
    public void Append(in Region region)
    {
        if (region.End <= region.Start || (Count > 0 && region.Start < _rows.End[Count - 1]))
        {
            throw new ArgumentException($"{region.Range} is empty or does not follow the last region.", nameof(region));
        }

        _rows.Append(region);
        TotalBytes += region.SizeBytes;
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

    /// <summary>Cuts every region above a size into pieces of that size; the last piece is what remains.</summary>
    /// <param name="limitBytes">At least the smallest region size.</param>
    public void CutAbove(ulong limitBytes)
    {
        limitBytes = Math.Max(limitBytes, MinRegionBytes);
        if (!AnyAbove(limitBytes))
        {
            return;
        }

        var needed = Count;
        for (var i = 0; i < Count; i++)
        {
            needed += checked((int)((_rows.End[i] - _rows.Start[i]) / limitBytes));
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

        if (pieces == 1)
        {
            return true;
        }

        var size = _grid.Down((_rows.End[index] - _rows.Start[index]) / (ulong)pieces);
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
        if (pieces < 2)
        {
            return;
        }

        // Short loops with few values at hand take half the time of a single one.
        var toCut = (Count + step - 1) / step;
        _rows.EnsureCapacity(checked(Math.Max(Count + (toCut * (pieces - 1)), Count * (pieces - 1))));
        var parts = DrawCuts(pieces - 1, step, offset, random);
        WriteParts(pieces - 1, parts);
        _rows.TakeParts(parts);
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

        Join(new AlikeRule(threshold, limitBytes));
    }

    /// <summary>Merges as <see cref="Merge"/> does, ages untouched, but stops when so many regions are gone.</summary>
    /// <param name="threshold">Access counts that differ by at most this are alike.</param>
    /// <param name="limitBytes">No merged region is larger than this.</param>
    /// <param name="most">How many regions fewer there may be.</param>
    /// <returns>How many fewer there are.</returns>
    internal int MergeSome(uint threshold, ulong limitBytes, int most)
    {
        var before = Count;
        Join(new SomeAlikeRule(new AlikeRule(threshold, limitBytes), most));
        return before - Count;
    }

    /// <summary>How many pieces more <see cref="CutAbove"/> would make.</summary>
    /// <param name="limitBytes">At least the smallest region size.</param>
    internal ulong PiecesAbove(ulong limitBytes)
    {
        if (!AnyAbove(limitBytes))
        {
            return 0;
        }

        ulong pieces = 0;
        for (var i = 0; i < Count; i++)
        {
            pieces += (_rows.End[i] - _rows.Start[i] - 1) / limitBytes;
        }

        return pieces;
    }

    /// <summary>Ends an aggregation: the counts become the last counts and start from zero.</summary>
    public void ResetAggregation()
    {
        Accesses.CopyTo(LastAccesses);
        Accesses.Clear();
        PartlyAccessed.Clear();
    }

    /// <summary>
    /// Changes which addresses are covered, by DAMON's rule to vectors A8: in each range the first and the last region that reach into it are trimmed or stretched to its ends, holes between
    /// become fresh regions, and what lies in no range goes. A region that several ranges tear apart stays in the first of them only, and a stretched region keeps its age.
    /// </summary>
    /// <param name="ranges">Ascending, without overlaps; rounded outwards to the smallest region.</param>
    public void SetRanges(ReadOnlySpan<AddressRange> ranges) => LayOver(ranges, isDamons: true);

    /// <summary>
    /// Changes which addresses are covered, as <see cref="SetRanges"/> does, but keeps what is known of the addresses that stay: a region that is torn apart keeps its statistics in each part,
    /// and the age of a stretched one is weighed by the bytes that have it. What sessions use.
    /// </summary>
    /// <param name="ranges">Ascending, without overlaps; rounded outwards to the smallest region.</param>
    public void FollowRanges(ReadOnlySpan<AddressRange> ranges) => LayOver(ranges, isDamons: false);

    /// <summary>Joins all regions that lie in the same range, however they are accessed.</summary>
    /// <param name="ranges">Ascending, without overlaps; those that were laid over the table last.</param>
    public void JoinWithin(ReadOnlySpan<AddressRange> ranges)
    {
        Join(new SameRangeRule(ranges, _grid));
    }

    private void LayOver(ReadOnlySpan<AddressRange> ranges, bool isDamons)
    {
        BeginRewrite(Count + ranges.Length);
        var row = 0;
        foreach (var range in ranges)
        {
            var start = _grid.Down(range.Start);
            var end = _grid.Up(range.End);

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

            FillRange(start, end, row, isDamons);
            while (isDamons && row < Count && _rows.Start[row] < end)
            {
                row++;
            }
        }

        EndRewrite();
        SumUp();
    }

    private void FillRange(ulong start, ulong end, int row, bool isDamons)
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
            var part = _spare.AppendPart(_rows, row, from, to);
            if (isDamons)
            {
                _spare.Age[part] = _rows.Age[row];
            }

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

    /// <summary>Draws where to cut, into the column of sample addresses, which are drawn anew before they are used: so many places for each region, 0 where it is not cut.</summary>
    /// <returns>How many regions there will be.</returns>
    private int DrawCuts(int cutsPerRow, int step, int offset, RandomSource random)
    {
        var starts = Starts;
        var ends = _rows.End.AsSpan(0, starts.Length);
        var cuts = _rows.SampleAddress.AsSpan(0, starts.Length * cutsPerRow);
        cuts.Clear();
        var parts = starts.Length;
        var state = random.State;
        var grid = _grid;
        var smallest = MinRegionBytes > ulong.MaxValue / 2 ? ulong.MaxValue : 2 * MinRegionBytes;

        // The first region whose number and offset together are a multiple of the step.
        for (var i = (step - (offset % step)) % step; i < starts.Length; i += step)
        {
            // Each cut works on what is left of the previous one, as DAMON's does; so a region's cuts descend.
            var start = starts[i];
            var size = ends[i] - start;
            for (var cut = 0; cut < cutsPerRow && size > smallest; cut++)
            {
                var left = grid.Down(Tenths(size, 1 + state.NextBelow(9)));
                if (left != 0 && left < size)
                {
                    size = left;
                    cuts[(i * cutsPerRow) + cut] = start + left;
                    parts++;
                }
            }
        }

        random.State = state;
        return parts;
    }

    /// <summary>Makes of the borders of the regions those of their parts, and notes which region each is a part of. From the last one to the first, so that nothing is overwritten unread.</summary>
    private void WriteParts(int cutsPerRow, int parts)
    {
        var starts = _rows.Start.AsSpan(0, parts);
        var ends = _rows.End.AsSpan(0, parts);
        var origins = _rows.Origin.AsSpan(0, parts);
        var cuts = _rows.SampleAddress.AsSpan(0, Count * cutsPerRow);
        var to = parts - 1;
        for (var i = Count - 1; i >= 0; i--)
        {
            var start = starts[i];
            var end = ends[i];
            for (var cut = i * cutsPerRow; cut < (i + 1) * cutsPerRow; cut++)
            {
                var address = cuts[cut];
                if (address != 0)
                {
                    starts[to] = address;
                    ends[to] = end;
                    origins[to--] = i;
                    end = address;
                }
            }

            starts[to] = start;
            ends[to] = end;
            origins[to--] = i;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Tenths(ulong size, ulong tenths) =>
        size <= ulong.MaxValue / 10 ? size * tenths / 10 : ((size / 10) * tenths) + ((size % 10) * tenths / 10);

    /// <summary>Joins neighbours by a rule, which is asked about what was joined so far and the next region.</summary>
    private void Join<TRule>(TRule rule)
        where TRule : struct, IJoinRule, allows ref struct
    {
        var rows = Count;
        var groups = rows == 0 ? 0 : FindGroups(rule);
        if (groups == rows)
        {
            return;
        }

        _rows.JoinGroups(groups);
    }

    /// <summary>Finds what becomes one region: writes each group's first row into <see cref="RegionColumns.Origin"/>, its access count and its age into their places.</summary>
    /// <remarks>In place: the write position never passes the read position.</remarks>
    private int FindGroups<TRule>(TRule rule)
        where TRule : struct, IJoinRule, allows ref struct
    {
        // Arrays, not spans: with this many columns their lengths would take the registers that the loop needs.
        var rows = Count;
        var starts = _rows.Start;
        var ends = _rows.End;
        var accesses = _rows.Accesses;
        var ages = _rows.Age;
        var heads = _rows.Origin;
        var group = 0;
        var start = starts[0];
        var previousEnd = ends[0];
        var count = accesses[0];
        var age = ages[0];
        heads[0] = 0;
        for (var i = 1; i < rows; i++)
        {
            var next = starts[i];
            var nextEnd = ends[i];
            var nextCount = accesses[i];
            var nextAge = ages[i];
            if (previousEnd == next && rule.Joins(start, count, next, nextEnd, nextCount))
            {
                // Parts of one region have its age, so this is mostly known beforehand, unlike whether the counts are equal.
                if (age != nextAge)
                {
                    age = WeightedMean(age, next - start, nextAge, nextEnd - next);
                }

                count = WeightedMean(count, next - start, nextCount, nextEnd - next);
            }
            else
            {
                heads[++group] = i;
                start = next;
                count = nextCount;
                age = nextAge;
            }

            accesses[group] = count;
            ages[group] = age;
            previousEnd = nextEnd;
        }

        return group + 1;
    }

    private bool AnyAbove(ulong limitBytes)
    {
        var starts = Starts;
        var ends = Ends;
        var limits = new Vector<ulong>(limitBytes);
        var i = 0;
        for (; i <= starts.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
        {
            if (Vector.GreaterThanAny(new Vector<ulong>(ends[i..]) - new Vector<ulong>(starts[i..]), limits))
            {
                return true;
            }
        }

        for (; i < starts.Length; i++)
        {
            if (ends[i] - starts[i] > limitBytes)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Only here is the total counted anew: splits and merges keep it.</summary>
    private void SumUp()
    {
        TotalBytes = 0;
        for (var i = 0; i < Count; i++)
        {
            TotalBytes += _rows.End[i] - _rows.Start[i];
        }
    }

    private void BeginRewrite(int capacity)
    {
        _spare.EnsureCapacity(capacity);
        _spare.Count = 0;
    }

    private void EndRewrite() => (_rows, _spare) = (_spare, _rows);

    private static uint Difference(uint a, uint b) => a > b ? a - b : b - a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint WeightedMean(uint left, ulong leftSize, uint right, ulong rightSize)
    {
        // The mean, rounded down, is the smaller value and of the difference the larger one's share. Neighbours that merge differ by little, and up to 2 that needs no division: half of 2 is
        // added where the larger one has half of the bytes. Signs instead of branches, because which one is larger is chance.
        var size = leftSize + rightSize;
        var difference = (long)right - left;
        if ((ulong)(difference + 2) <= 4 && size < 1UL << 62)
        {
            var isLeftLarger = difference >> 63;
            var largerSize = rightSize ^ ((leftSize ^ rightSize) & (ulong)isLeftLarger);
            var hasHalf = (size - 1 - (2 * largerSize)) >> 63;
            var distance = (ulong)((difference ^ isLeftLarger) - isLeftLarger);
            return (uint)(left + (ulong)(difference & isLeftLarger) + ((distance >> 1) & hasHalf));
        }

        return DividedMean(left, leftSize, right, rightSize);
    }

    /// <remarks>Where both values times the sum of the sizes fit 64 bits, so does the weighted sum.</remarks>
    private static uint DividedMean(uint left, ulong leftSize, uint right, ulong rightSize) => Math.BigMul(left | right, leftSize + rightSize, out _) == 0
        ? (uint)(((left * leftSize) + (right * rightSize)) / (leftSize + rightSize))
        : (uint)((((UInt128)left * leftSize) + ((UInt128)right * rightSize)) / (leftSize + rightSize));

    /// <summary>Which neighbours become one region; both lie side by side.</summary>
    private interface IJoinRule
    {
        bool Joins(ulong start, uint accesses, ulong nextStart, ulong nextEnd, uint nextAccesses);
    }

    private readonly struct AlikeRule(uint threshold, ulong limitBytes) : IJoinRule
    {
        private readonly long _threshold = threshold;
        private readonly ulong _twice = 2UL * threshold;
        private readonly ulong _limitBytes = limitBytes;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Joins(ulong start, uint accesses, ulong nextStart, ulong nextEnd, uint nextAccesses) =>
            (ulong)((long)accesses - nextAccesses + _threshold) <= _twice && nextEnd - start <= _limitBytes;
    }

    private struct SomeAlikeRule(AlikeRule rule, int most) : IJoinRule
    {
        private int _left = most;

        public bool Joins(ulong start, uint accesses, ulong nextStart, ulong nextEnd, uint nextAccesses)
        {
            var joins = _left > 0 && rule.Joins(start, accesses, nextStart, nextEnd, nextAccesses);
            _left -= joins ? 1 : 0;
            return joins;
        }
    }

    private ref struct SameRangeRule(ReadOnlySpan<AddressRange> ranges, RegionGrid grid) : IJoinRule
    {
        private readonly ReadOnlySpan<AddressRange> _ranges = ranges;
        private int _range;

        public bool Joins(ulong start, uint accesses, ulong nextStart, ulong nextEnd, uint nextAccesses)
        {
            while (_range < _ranges.Length && _ranges[_range].End <= nextStart)
            {
                _range++;
            }

            return _range < _ranges.Length && start >= grid.Down(_ranges[_range].Start);
        }
    }
}
