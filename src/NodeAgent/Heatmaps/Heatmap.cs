using Damon.Engine.Regions;

namespace Damon.NodeAgent.Heatmaps;

/// <summary>
/// Access rates over time and addresses, for one target, in bounded memory: when the rows are full, each two become one. The axis is the
/// address space of the first aggregation with its gaps left out; it is laid anew when much of the memory lies outside it.
/// </summary>
/// <param name="columns">Buckets of addresses.</param>
/// <param name="maxRows">Buckets of time, even.</param>
public sealed class Heatmap(int columns, int maxRows)
{
    private readonly List<double[]> _rows = [];
    private AddressRange[] _axis = [];
    private ulong _axisBytes;
    private double[] _pending = [];
    private int _pendingCount;
    private int _aggregationsPerRow = 1;

    /// <summary>Rows from the oldest to the newest, each with an access rate from 0 to 1 per column.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Rows => _rows;

    /// <summary>How many aggregations one row stands for.</summary>
    public int AggregationsPerRow => _aggregationsPerRow;

    /// <summary>Bytes that one column stands for.</summary>
    public ulong BytesPerColumn => (ulong)Math.Ceiling((double)_axisBytes / columns);

    /// <summary>Addresses on the axis.</summary>
    public IReadOnlyList<AddressRange> Axis => _axis;

    /// <summary>Adds an aggregation.</summary>
    /// <param name="regions">The target's regions with their final counts.</param>
    /// <param name="samples">Sample intervals per aggregation.</param>
    public void Add(RegionTable regions, uint samples)
    {
        if (regions.Count == 0)
        {
            return;
        }

        if (!IsOnAxis(regions))
        {
            LayAxis(regions);
        }

        AddRates(regions, samples);
        if (++_pendingCount < _aggregationsPerRow)
        {
            return;
        }

        for (var i = 0; i < columns; i++)
        {
            _pending[i] /= _pendingCount;
        }

        _rows.Add(_pending);
        _pending = new double[columns];
        _pendingCount = 0;
        if (_rows.Count >= maxRows)
        {
            HalveRows();
        }
    }

    private void HalveRows()
    {
        for (var i = 0; i < _rows.Count / 2; i++)
        {
            var (a, b) = (_rows[2 * i], _rows[(2 * i) + 1]);
            for (var c = 0; c < columns; c++)
            {
                a[c] = (a[c] + b[c]) / 2;
            }

            _rows[i] = a;
        }

        _rows.RemoveRange(_rows.Count / 2, _rows.Count - (_rows.Count / 2));
        _aggregationsPerRow *= 2;
    }

    private bool IsOnAxis(RegionTable regions)
    {
        ulong inside = 0;
        var at = 0;
        for (var i = 0; i < regions.Count; i++)
        {
            while (at < _axis.Length && _axis[at].End <= regions.Starts[i])
            {
                at++;
            }

            for (var j = at; j < _axis.Length && _axis[j].Start < regions.Ends[i]; j++)
            {
                inside += Math.Min(_axis[j].End, regions.Ends[i]) - Math.Max(_axis[j].Start, regions.Starts[i]);
            }
        }

        return _axis.Length > 0 && inside >= regions.TotalBytes - (regions.TotalBytes / 10);
    }

    private void LayAxis(RegionTable regions)
    {
        var axis = new AddressRangeList();
        for (var i = 0; i < regions.Count; i++)
        {
            axis.Add(new AddressRange(regions.Starts[i], regions.Ends[i]));
        }

        _axis = axis.Ranges.ToArray();
        _axisBytes = regions.TotalBytes;
        _rows.Clear();
        _pending = new double[columns];
        _pendingCount = 0;
        _aggregationsPerRow = 1;
    }

    private void AddRates(RegionTable regions, uint samples)
    {
        ulong before = 0;
        var at = 0;
        var perColumn = (double)_axisBytes / columns;
        foreach (var part in _axis)
        {
            while (at < regions.Count && regions.Ends[at] <= part.Start)
            {
                at++;
            }

            for (var i = at; i < regions.Count && regions.Starts[i] < part.End; i++)
            {
                if (regions.Accesses[i] == 0)
                {
                    continue;
                }

                var from = before + Math.Max(regions.Starts[i], part.Start) - part.Start;
                var to = before + Math.Min(regions.Ends[i], part.End) - part.Start;
                Spread(from / perColumn, to / perColumn, (double)regions.Accesses[i] / samples);
            }

            before += part.SizeBytes;
        }
    }

    private void Spread(double from, double to, double rate)
    {
        for (var column = (int)from; column < columns && column < to; column++)
        {
            _pending[column] += rate * (Math.Min(to, column + 1) - Math.Max(from, column));
        }
    }
}
