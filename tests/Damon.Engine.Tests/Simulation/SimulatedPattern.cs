using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.Engine.Tests.Monitoring;

namespace Damon.Engine.Tests.Simulation;

/// <summary>The patterns that DAMON is usually shown with, run through a session in virtual time.</summary>
internal static class SimulatedPattern
{
    /// <summary>1 % of the cold pages touched in a second.</summary>
    public const double LightNoise = 0.01005;

    /// <summary>Each cold page touched in 1 % of the 5 ms sample intervals: twice a second.</summary>
    public const double HeavyNoise = 2.01;

    private const double AccessesPerSecond = 20_000_000;

    public static string[] Names { get; } = ["stairs", "zigzag", "hotcold", "drift"];

    public static PatternRun Run(string pattern, RegionPolicyKind policy, double noise, RegionLimits limits, ulong seed, SchemeMode mode = SchemeMode.Observe)
    {
        var (sizes, phases) = Of(pattern);
        var ranges = new List<AddressRange>();
        ulong at = 0x7f00_0000_0000;
        foreach (var size in sizes)
        {
            var end = at + ((size + 4095) / 4096 * 4096);
            ranges.Add(new AddressRange(at, end));
            at = end;
        }

        var memory = new SimulatedMemory(ranges, noise, new RandomSource(seed + 1000));
        var meter = new AccuracyMeter(memory);
        var random = new RandomSource(seed);
        var scheme = SchemeTests.Scheme("cold");
        scheme = scheme with { Mode = mode, Pattern = scheme.Pattern with { MinAge = TimeSpan.FromSeconds(2) } };
        var plan = new MonitoringPlan(MonitoringIntervals.Default, limits, [scheme]);
        using var session = new MonitoringSession(plan, RegionPolicies.Create(policy, limits, random), random, TimeProvider.System, meter);
        session.AddTarget(0, memory, memory);
        var (predicted, freed, rounds) = (0.0, 0.0, 0);
        foreach (var (seconds, accesses) in phases)
        {
            for (var i = 0; i < ranges.Count; i++)
            {
                memory.SetAccess(i, default);
            }

            foreach (var region in accesses)
            {
                var access = new SimulatedAccess(AccessesPerSecond / accesses.Length);
                memory.SetAccess(region, pattern == "drift" ? access with { WindowShare = 0.1, WindowSpeedPerSecond = 0.01 } : access);
            }

            meter.MeasureFrom(session.Elapsed + (10 * plan.Intervals.Aggregation));
            for (var i = 0; i < seconds * 200; i++)
            {
                session.BeginSample();
                memory.Advance(plan.Intervals.Sample);
                session.EndSample();
                predicted += session.Schemes[0].Statistics.AwayBytes;
                freed += memory.TotalBytes - memory.ResidentBytes;
                rounds++;
            }
        }

        meter.Windows.Should().BeGreaterThan(100);
        return new PatternRun(meter, predicted / rounds, freed / rounds, session.MaxProbesPerInterval);
    }

    private static (ulong[] Sizes, (int Seconds, int[] Regions)[] Phases) Of(string name) => name switch
    {
        "stairs" => ([.. Enumerable.Repeat(10_000_000UL, 10)], [(10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), .. Enumerable.Range(0, 10).Select(i => (5, new[] { i }))]),
        "zigzag" => ([100_000_000, 100_000_000], [(10, [0, 1]), .. Enumerable.Range(0, 12).Select(i => (5, new[] { i % 2 }))]),
        "hotcold" => ([64 << 20, 960 << 20], [(10, [0, 1]), (50, [0])]),
        "drift" => ([512 << 20], [(60, [0])]),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "is no pattern."),
    };
}
