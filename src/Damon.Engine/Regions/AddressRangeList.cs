namespace Damon.Engine.Regions;

/// <summary>A growing list of ranges that keeps its memory when cleared, so that a periodic re-read of an address space allocates nothing once it has grown.</summary>
public sealed class AddressRangeList
{
    private AddressRange[] _ranges = new AddressRange[64];

    /// <summary>How many ranges there are.</summary>
    public int Count { get; private set; }

    /// <summary>The ranges, in the order in which they were added.</summary>
    public ReadOnlySpan<AddressRange> Ranges => _ranges.AsSpan(0, Count);

    /// <summary>Forgets every range and keeps the memory.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a range behind the last one.</summary>
    /// <param name="range">The range; an empty one is ignored.</param>
    public void Add(AddressRange range)
    {
        if (range.End <= range.Start)
        {
            return;
        }

        if (Count == _ranges.Length)
        {
            Array.Resize(ref _ranges, Count * 2);
        }

        _ranges[Count++] = range;
    }

    /// <summary>
    /// Keeps the two biggest gaps and bridges all others: heap, mapped files and stack of an ordinary process become one range each. DAMON's layout of virtual
    /// address spaces; of equal gaps the first ones count, as there.
    /// </summary>
    /// <returns>False, and nothing is changed, where there are fewer than two gaps.</returns>
    public bool FoldToThree()
    {
        var biggest = -1;
        var second = -1;
        for (var i = 1; i < Count; i++)
        {
            var gap = GapBefore(i);
            if (gap > (biggest < 0 ? 0 : GapBefore(biggest)))
            {
                (biggest, second) = (i, biggest);
            }
            else if (gap > (second < 0 ? 0 : GapBefore(second)))
            {
                second = i;
            }
        }

        if (second < 0)
        {
            return false;
        }

        var low = Math.Min(biggest, second);
        var high = Math.Max(biggest, second);
        var first = new AddressRange(_ranges[0].Start, _ranges[low - 1].End);
        var middle = new AddressRange(_ranges[low].Start, _ranges[high - 1].End);
        var last = new AddressRange(_ranges[high].Start, _ranges[Count - 1].End);
        (_ranges[0], _ranges[1], _ranges[2]) = (first, middle, last);
        Count = 3;
        return true;
    }

    private ulong GapBefore(int index) => _ranges[index].Start - _ranges[index - 1].End;

    /// <summary>Bridges the smallest gaps until there are at most so many ranges, so that an address space of thousands of mappings fits a bounded number of regions.</summary>
    /// <param name="maxCount">At least 1.</param>
    /// <remarks>What lies in a bridged gap is not memory and reads as never accessed; bridging the smallest gaps first keeps it small.</remarks>
    public void FoldTo(int maxCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        if (Count <= maxCount)
        {
            return;
        }

        var gaps = new ulong[Count - 1];
        for (var i = 1; i < Count; i++)
        {
            gaps[i - 1] = _ranges[i].Start - _ranges[i - 1].End;
        }

        Array.Sort(gaps);
        var bridges = Count - maxCount;
        var widest = gaps[bridges - 1];

        // Of the gaps as wide as the widest bridged one, only as many as needed are bridged.
        var atWidest = bridges - gaps.AsSpan(0, bridges).IndexOf(widest);
        var last = 0;
        for (var i = 1; i < Count; i++)
        {
            var gap = _ranges[i].Start - _ranges[last].End;
            if (gap < widest || (gap == widest && atWidest-- > 0))
            {
                _ranges[last] = new AddressRange(_ranges[last].Start, _ranges[i].End);
            }
            else
            {
                _ranges[++last] = _ranges[i];
            }
        }

        Count = last + 1;
    }
}
