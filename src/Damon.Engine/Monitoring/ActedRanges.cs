using Damon.Engine.Regions;

namespace Damon.Engine.Monitoring;

/// <summary>
/// When each address was last acted on by a session whose regions somebody else reports: there its age has started anew, which the reporter does not know. Ascending, without overlaps.
/// </summary>
internal sealed class ActedRanges
{
    private readonly List<AddressRange> _pending = [];
    private List<Mark> _marks = [];
    private List<Mark> _spare = [];

    /// <summary>Notes a range for <see cref="Commit"/>; ascending, without overlaps.</summary>
    public void Add(AddressRange range) => _pending.Add(range);

    /// <summary>Makes the noted ranges marks of an aggregation; they take the place of older ones. Marks that change no age any more go.</summary>
    /// <param name="aggregation">The number of the aggregation.</param>
    /// <param name="oldestAge">No region is older than so many aggregations.</param>
    public void Commit(ulong aggregation, uint oldestAge)
    {
        if (_pending.Count == 0 && _marks.Count == 0)
        {
            return;
        }

        _spare.Clear();
        var next = 0;
        foreach (var mark in _marks)
        {
            if ((long)aggregation - mark.Aggregation >= oldestAge)
            {
                continue;
            }

            var start = mark.Start;
            while (next < _pending.Count && _pending[next].Start < mark.End)
            {
                var acted = _pending[next];
                Keep(start, Math.Min(mark.End, acted.Start), mark.Aggregation);
                start = Math.Max(start, acted.End);
                if (acted.End > mark.End)
                {
                    break;
                }

                Keep(acted.Start, acted.End, (long)aggregation);
                next++;
            }

            Keep(start, mark.End, mark.Aggregation);
        }

        for (; next < _pending.Count; next++)
        {
            Keep(_pending[next].Start, _pending[next].End, (long)aggregation);
        }

        _pending.Clear();
        (_marks, _spare) = (_spare, _marks);
    }

    /// <summary>The age that a region would have had: the mean over its bytes of the recorded age, or of the time since they were acted on where that is shorter.</summary>
    public uint AgeOf(AddressRange range, uint recordedAge, ulong aggregation)
    {
        UInt128 sum = 0;
        ulong marked = 0;
        for (var i = FirstEndingAfter(range.Start); i < _marks.Count && _marks[i].Start < range.End; i++)
        {
            var bytes = Math.Min(_marks[i].End, range.End) - Math.Max(_marks[i].Start, range.Start);
            marked += bytes;
            sum += (UInt128)bytes * (ulong)Math.Min(recordedAge, (long)aggregation - _marks[i].Aggregation);
        }

        return marked == 0 ? recordedAge : (uint)((sum + ((UInt128)(range.SizeBytes - marked) * recordedAge)) / range.SizeBytes);
    }

    /// <summary>Lets every mark be as long ago as it was, in aggregations of another length.</summary>
    /// <param name="aggregation">The number of the latest aggregation.</param>
    /// <param name="from">The intervals until now.</param>
    /// <param name="to">The intervals from now on.</param>
    public void Convert(ulong aggregation, MonitoringIntervals from, MonitoringIntervals to)
    {
        for (var i = 0; i < _marks.Count; i++)
        {
            var since = (uint)Math.Clamp((long)aggregation - _marks[i].Aggregation, 0, uint.MaxValue);
            _marks[i] = _marks[i] with { Aggregation = (long)aggregation - IntervalConversion.Age(since, from, to) };
        }
    }

    private void Keep(ulong start, ulong end, long aggregation)
    {
        if (start >= end)
        {
            return;
        }

        if (_spare.Count > 0 && _spare[^1] is var last && last.End == start && last.Aggregation == aggregation)
        {
            _spare[^1] = last with { End = end };
        }
        else
        {
            _spare.Add(new Mark(start, end, aggregation));
        }
    }

    private int FirstEndingAfter(ulong address)
    {
        var low = 0;
        var high = _marks.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_marks[middle].End > address)
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

    /// <param name="Start">First address.</param>
    /// <param name="End">First address behind it.</param>
    /// <param name="Aggregation">In which aggregation; below zero where it was converted to shorter ones, of which there have not been as many yet.</param>
    private readonly record struct Mark(ulong Start, ulong End, long Aggregation);
}
