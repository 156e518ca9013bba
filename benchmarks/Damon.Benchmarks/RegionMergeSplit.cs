using BenchmarkDotNet.Attributes;
using Damon.Engine.Regions;

namespace Damon.Benchmarks;

/// <summary>
/// The end of one aggregation without sampling: count, age and merge, forget the counts, split. Counts follow the address, an alternation of hot and cold stretches, so that every round
/// merges about as much as it splits. Nothing may be allocated.
/// </summary>
[MemoryDiagnoser]
public class RegionMergeSplit
{
    private const ulong MemoryBytes = 4UL << 30;
    private const uint SamplesPerAggregation = 20;

    private readonly RegionTable[] _tables = [new RegionTable(4096)];
    private IRegionPolicy _policy = null!;
    private ulong _stretchBytes;

    [Params(RegionPolicyKind.Kernel, RegionPolicyKind.Adaptive)]
    public RegionPolicyKind Policy { get; set; }

    [Params(100, 1000)]
    public int MaxRegions { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        // A quarter as many stretches as there may be regions: after each merge there is room to split.
        _stretchBytes = MemoryBytes / ((ulong)MaxRegions / 4);
        _policy = RegionPolicies.Create(Policy, new RegionLimits(10, MaxRegions), new RandomSource(1));
        _tables[0].Clear();
        _tables[0].SetRanges([new AddressRange(0, MemoryBytes)]);
        _policy.Fit(_tables);
        for (var i = 0; i < 100; i++)
        {
            Aggregation();
        }

        if (Aggregation() is var count && (count < MaxRegions / 4 || count > MaxRegions))
        {
            throw new InvalidOperationException($"{count} regions are there; the stretches were not found.");
        }
    }

    [Benchmark]
    public int Aggregation()
    {
        var table = _tables[0];
        var starts = table.Starts;
        var accesses = table.Accesses;
        for (var i = 0; i < accesses.Length; i++)
        {
            accesses[i] = starts[i] / _stretchBytes % 2 == 0 ? SamplesPerAggregation : 0;
        }

        _policy.Merge(_tables, SamplesPerAggregation, SamplesPerAggregation);
        table.ResetAggregation();
        _policy.Split(_tables);
        return table.Count;
    }
}
