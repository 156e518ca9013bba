using System.Globalization;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;

namespace Damon.Engine.Tests.Simulation;

/// <summary>What the adaptive policy brings over DAMON's, side by side. The tables are in the tests' output.</summary>
public class PolicyComparisonTests(ITestOutputHelper output)
{
    private const int Seeds = 5;

    private const int ObjectSeeds = 20;

    private const int MaxRegions = 1000;

    public static TheoryData<int> RegionBudgets => [100, MaxRegions];

    [Theory]
    [MemberData(nameof(RegionBudgets))]
    public void Adaptive_is_at_least_as_good_as_kernel_on_every_pattern(int maxRegions)
    {
        output.WriteLine($"lowest of {Seeds} seeds, 10 to {maxRegions} regions, 5 ms / 100 ms");
        output.WriteLine("pattern   noise/s  policy    hot precision  recall  cold precision  recall  probes");
        var worse = new List<string>();
        foreach (var pattern in SimulatedPattern.Names)
        {
            foreach (var noise in new[] { 0, SimulatedPattern.LightNoise, SimulatedPattern.HeavyNoise })
            {
                var kernel = Lowest(pattern, RegionPolicyKind.Kernel, noise, maxRegions);
                var adaptive = Lowest(pattern, RegionPolicyKind.Adaptive, noise, maxRegions);
                if (adaptive.HotPrecision < kernel.HotPrecision || adaptive.HotRecall < kernel.HotRecall)
                {
                    worse.Add($"{pattern}, noise {noise}: {adaptive} against {kernel}");
                }
            }
        }

        worse.Should().BeEmpty();
    }

    /// <summary>4 MiB of 64 GiB, anywhere: DAMON idles at some 15 regions there, and a sample must fall on one page in 16384.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.001005)]
    [InlineData(SimulatedPattern.LightNoise)]
    [InlineData(SimulatedPattern.HeavyNoise)]
    public void A_small_hot_object_is_found_within_sixty_aggregations(double noise)
    {
        var adaptive = Enumerable.Range(0, ObjectSeeds).Select(seed => FindsObjectAfter(RegionPolicyKind.Adaptive, noise, (ulong)seed, 60)).ToList();
        var kernel = Enumerable.Range(0, ObjectSeeds).Select(seed => FindsObjectAfter(RegionPolicyKind.Kernel, noise, (ulong)seed, 300)).ToList();
        output.WriteLine($"noise {noise}/s: aggregations until precision and recall are 0.9; – not found");
        output.WriteLine($"adaptive, of 60:  {string.Join(' ', adaptive.Select(Text))}");
        output.WriteLine($"kernel, of 300:   {string.Join(' ', kernel.Select(Text))}");

        adaptive.Count(found => found is not null).Should().BeGreaterThanOrEqualTo(19);
    }

    private static string Text(int? found) => found?.ToString(CultureInfo.InvariantCulture) ?? "–";

    private (double HotPrecision, double HotRecall) Lowest(string pattern, RegionPolicyKind policy, double noise, int maxRegions)
    {
        var runs = Enumerable.Range(0, Seeds).Select(seed => SimulatedPattern.Run(pattern, policy, noise, new RegionLimits(10, maxRegions), (ulong)seed)).ToList();
        var hot = (Precision: runs.Min(run => run.Meter.Hot.Precision), Recall: runs.Min(run => run.Meter.Hot.Recall));
        var cold = (Precision: runs.Min(run => run.Meter.Cold.Precision), Recall: runs.Min(run => run.Meter.Cold.Recall));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{pattern,-9} {noise,7:0.###}  {policy,-8}  {hot.Precision,13:0.0000}  {hot.Recall,6:0.0000}  {cold.Precision,14:0.0000}  {cold.Recall,6:0.0000}  {runs.Max(run => run.MaxProbes),6}"));
        return hot;
    }

    private static int? FindsObjectAfter(RegionPolicyKind policy, double noise, ulong seed, int aggregations)
    {
        const ulong Base = 0x7f00_0000_0000;
        const ulong Size = 64UL << 30;
        const ulong ObjectSize = 4UL << 20;
        var start = Base + (4096 * new RandomSource(seed + 77).NextBelow((Size - ObjectSize) / 4096));
        AddressRange[] ranges = [new(Base, start), new(start, start + ObjectSize), new(start + ObjectSize, Base + Size)];
        var memory = new SimulatedMemory(ranges, noise, new RandomSource(seed + 1000));
        memory.SetAccess(1, new SimulatedAccess(20_000_000));
        var limits = new RegionLimits(10, MaxRegions);
        var random = new RandomSource(seed);
        var watch = new ObjectWatch(ranges[1]);
        using var session = new MonitoringSession(new MonitoringPlan(MonitoringIntervals.Default, limits, []), RegionPolicies.Create(policy, limits, random), random, TimeProvider.System, watch);
        session.AddTarget(0, memory, memory);
        while (session.Aggregations < (ulong)aggregations)
        {
            session.BeginSample();
            memory.Advance(MonitoringIntervals.Default.Sample);
            if (session.EndSample() && watch is { Precision: >= 0.9, Recall: >= 0.9 })
            {
                session.MaxProbesPerInterval.Should().BeLessThanOrEqualTo(MaxRegions);
                return (int)session.Aggregations;
            }
        }

        return null;
    }

    /// <summary>How well the regions found hot (half of the samples or more) meet one object.</summary>
    private sealed class ObjectWatch(AddressRange target) : ISessionObserver
    {
        public double Precision { get; private set; }

        public double Recall { get; private set; }

        public void OnAggregated(MonitoringSession session)
        {
            ulong found = 0;
            ulong met = 0;
            var regions = session.Targets[0].Regions;
            for (var i = 0; i < regions.Count; i++)
            {
                if (regions.Accesses[i] * 2 >= session.Intervals.SamplesPerAggregation)
                {
                    found += regions[i].SizeBytes;
                    var from = Math.Max(regions.Starts[i], target.Start);
                    var to = Math.Min(regions.Ends[i], target.End);
                    met += from < to ? to - from : 0;
                }
            }

            Precision = found == 0 ? 0 : (double)met / found;
            Recall = (double)met / target.SizeBytes;
        }

        public void OnMatched(SchemeRun scheme, SessionTarget session, AddressRange range, ulong reachableBytes)
        {
            // No scheme is there.
        }
    }
}
