using Damon.Engine.Regions;

namespace Damon.Benchmarks.Comparison;

/// <summary>The engine's side of <c>regions.c</c>: the same counts into the same policy, timed from the merge to the split.</summary>
internal sealed class RegionRounds
{
    private const uint SamplesPerAggregation = 20;

    private readonly RegionTable[] _tables = [new RegionTable(4096)];
    private readonly KernelRegionPolicy _policy;
    private readonly TimeProvider _time;
    private readonly ulong _stretchBytes;
    private ulong _aggregation;

    public RegionRounds(int maxRegions, ulong memoryBytes, ulong stretchBytes, ulong seed, TimeProvider time)
    {
        _time = time;
        _stretchBytes = stretchBytes;
        _policy = new KernelRegionPolicy(new RegionLimits(10, maxRegions), new RandomSource(seed));
        _tables[0].SetRanges([new AddressRange(0, memoryBytes)]);
        _policy.Fit(_tables);
    }

    /// <summary>So many aggregations: what they took, over how many rows the merges went, and a checksum of the table at the end.</summary>
    public (double Nanoseconds, ulong Rows, ulong Checksum) Run(int operations)
    {
        long spent = 0;
        ulong rows = 0;
        for (var i = 0; i < operations; i++)
        {
            var maxSeen = FillCounts();
            rows += (ulong)_tables[0].Count;
            var began = _time.GetTimestamp();
            _policy.Merge(_tables, maxSeen, SamplesPerAggregation);
            _tables[0].ResetAggregation();
            _policy.Split(_tables);
            spent += _time.GetTimestamp() - began;
        }

        return (spent * (1e9 / _time.TimestampFrequency), rows, Checksum());
    }

    private uint FillCounts()
    {
        ReadOnlySpan<uint> kinds = [20, 0, 11, 3];
        var starts = _tables[0].Starts;
        var accesses = _tables[0].Accesses;
        var maxSeen = 0u;
        for (var i = 0; i < starts.Length; i++)
        {
            var count = kinds[(int)(starts[i] / _stretchBytes % 4)];
            if (count > 0)
            {
                count -= (uint)((((starts[i] >> 12) * 0x9E3779B97F4A7C15) + (_aggregation * 0xBF58476D1CE4E5B9)) >> 63);
            }

            accesses[i] = count;
            maxSeen = Math.Max(maxSeen, count);
        }

        _aggregation++;
        return maxSeen;
    }

    /// <summary>FNV-1a over the fields of every region.</summary>
    private ulong Checksum()
    {
        var sum = 14695981039346656037UL;
        for (var i = 0; i < _tables[0].Count; i++)
        {
            var region = _tables[0][i];
            foreach (var field in (ReadOnlySpan<ulong>)[region.Start, region.End, region.Accesses, region.LastAccesses, region.Age, region.PartlyAccessed])
            {
                sum = (sum ^ field) * 1099511628211;
            }
        }

        return sum;
    }
}
