using Damon.Engine.Regions;

namespace Damon.Engine.Monitoring;

/// <summary>
/// The regions of one target as somebody else reports them, a recording or the kernel, with the ages that the actions of this session have started anew: the reporter does not know of them.
/// </summary>
internal sealed class ReportedRegions
{
    private readonly ActedRanges _acted = new();
    private Region[] _reported = [];
    private Region[] _rows = [];
    private int _count;

    /// <summary>Takes a report in place of the one before.</summary>
    /// <param name="regions">Ascending, without overlaps, with final counts and with ages.</param>
    public void Report(ReadOnlySpan<Region> regions)
    {
        if (_reported.Length < regions.Length)
        {
            var length = Math.Max(regions.Length, _reported.Length * 2);
            _reported = new Region[length];
            _rows = new Region[length];
        }

        regions.CopyTo(_reported);
        _count = regions.Length;
    }

    /// <summary>The rows for a table.</summary>
    /// <param name="younger">How many aggregations before the reported moment.</param>
    /// <param name="withCounts">Whether with the final counts, or before the first look.</param>
    /// <param name="actedBy">The number of the aggregation for ages that actions of this session have started anew; null where the reported ages are taken as they are.</param>
    public ReadOnlySpan<Region> Rows(uint younger, bool withCounts, ulong? actedBy)
    {
        for (var i = 0; i < _count; i++)
        {
            var region = _reported[i];
            var age = region.Age - Math.Min(region.Age, younger);
            age = actedBy is { } aggregation ? _acted.AgeOf(region.Range, age, aggregation) : age;
            _rows[i] = withCounts ? region with { Age = age } : new Region(region.Start, region.End, Age: age);
        }

        return _rows.AsSpan(0, _count);
    }

    /// <summary>Notes which regions of a table were acted on since it was laid out with the latest <see cref="Rows"/>: their age is 0, and was not.</summary>
    /// <param name="table">The table; regions may have been cut since, not merged.</param>
    /// <param name="aggregation">The number of the aggregation.</param>
    public void NoteActed(RegionTable table, ulong aggregation)
    {
        var oldest = 0u;
        for (var i = 0; i < _count; i++)
        {
            oldest = Math.Max(oldest, _reported[i].Age);
        }

        var row = 0;
        for (var i = 0; i < table.Count; i++)
        {
            var region = table[i];
            while (_rows[row].End <= region.Start)
            {
                row++;
            }

            if (region.Age == 0 && _rows[row].Age > 0)
            {
                _acted.Add(region.Range);
            }
        }

        _acted.Commit(aggregation, oldest);
    }

    /// <summary>Lets what was acted on be as long ago as it was, in aggregations of another length.</summary>
    /// <param name="aggregation">The number of the latest aggregation.</param>
    /// <param name="from">The intervals until now.</param>
    /// <param name="to">The intervals from now on.</param>
    public void Convert(ulong aggregation, MonitoringIntervals from, MonitoringIntervals to) => _acted.Convert(aggregation, from, to);
}
