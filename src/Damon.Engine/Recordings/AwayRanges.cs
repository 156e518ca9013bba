using Damon.Engine.Regions;

namespace Damon.Engine.Recordings;

/// <summary>Which addresses of one target are out of memory: ascending ranges without overlaps.</summary>
internal sealed class AwayRanges
{
    private List<AddressRange> _ranges = [];
    private List<AddressRange> _spare = [];

    public ulong TotalBytes { get; private set; }

    /// <summary>Adds a range; what of it is there already stays once.</summary>
    /// <returns>Bytes that are new.</returns>
    public ulong Add(AddressRange range)
    {
        var added = range.SizeBytes - BytesIn(range);
        if (added == 0)
        {
            return 0;
        }

        _spare.Clear();
        var (start, end) = (range.Start, range.End);
        var placed = false;
        foreach (var known in _ranges)
        {
            if (known.End < start || (placed && known.Start > end))
            {
                _spare.Add(known);
            }
            else if (known.Start > end)
            {
                _spare.Add(new AddressRange(start, end));
                _spare.Add(known);
                placed = true;
            }
            else
            {
                start = Math.Min(start, known.Start);
                end = Math.Max(end, known.End);
            }
        }

        if (!placed)
        {
            _spare.Add(new AddressRange(start, end));
        }

        (_ranges, _spare) = (_spare, _ranges);
        TotalBytes += added;
        return added;
    }

    /// <summary>Takes the first so many bytes out that lie in a range.</summary>
    /// <returns>Bytes that were taken.</returns>
    public ulong Remove(AddressRange range, ulong bytes = ulong.MaxValue)
    {
        _spare.Clear();
        ulong removed = 0;
        foreach (var known in _ranges)
        {
            var from = Math.Max(known.Start, range.Start);
            var to = Math.Min(known.End, range.End);
            if (from >= to || removed == bytes)
            {
                _spare.Add(known);
                continue;
            }

            to = Math.Min(to, from + Math.Min(to - from, bytes - removed));
            removed += to - from;
            if (known.Start < from)
            {
                _spare.Add(new AddressRange(known.Start, from));
            }

            if (to < known.End)
            {
                _spare.Add(new AddressRange(to, known.End));
            }
        }

        (_ranges, _spare) = (_spare, _ranges);
        TotalBytes -= removed;
        return removed;
    }

    public ulong BytesIn(AddressRange range)
    {
        ulong bytes = 0;
        for (var i = FirstEndingAfter(range.Start); i < _ranges.Count && _ranges[i].Start < range.End; i++)
        {
            bytes += Math.Min(_ranges[i].End, range.End) - Math.Max(_ranges[i].Start, range.Start);
        }

        return bytes;
    }

    /// <summary>The next stretch from an address on that is wholly away or wholly not, up to an end.</summary>
    public (ulong End, bool IsAway) StretchFrom(ulong address, ulong end)
    {
        var i = FirstEndingAfter(address);
        return i == _ranges.Count || _ranges[i].Start >= end ? (end, false)
            : _ranges[i].Start > address ? (_ranges[i].Start, false)
            : (Math.Min(end, _ranges[i].End), true);
    }

    private int FirstEndingAfter(ulong address)
    {
        var low = 0;
        var high = _ranges.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_ranges[middle].End > address)
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
}
