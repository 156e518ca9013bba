using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;

namespace Damon.Engine.Tests.Simulation;

/// <summary>How well the sampling finds what is hot, on the patterns that DAMON is usually shown with. The shipped pattern files are tested through damonctl.</summary>
public class AccuracyTests
{
    private const double LightNoise = SimulatedPattern.LightNoise;

    public static TheoryData<string, RegionPolicyKind, double, int> Patterns
    {
        get
        {
            var data = new TheoryData<string, RegionPolicyKind, double, int>();
            foreach (var name in SimulatedPattern.Names)
            {
                foreach (var noise in new[] { LightNoise, SimulatedPattern.HeavyNoise })
                {
                    foreach (var policy in new[] { RegionPolicyKind.Kernel, RegionPolicyKind.Adaptive })
                    {
                        // 10 initial regions may fall on the borders of ten equal parts by luck, 7 cannot.
                        data.Add(name, policy, noise, 10);
                        data.Add(name, policy, noise, 7);
                    }
                }
            }

            return data;
        }
    }

    /// <summary>Bounds of the two policies on a pattern; what the hot part moves over all the time is the hardest.</summary>
    [Theory]
    [MemberData(nameof(Patterns))]
    public void Hot_memory_is_found_after_ten_aggregations_for_any_seed(string pattern, RegionPolicyKind policy, double noise, int minRegions)
    {
        var bound = policy == RegionPolicyKind.Adaptive && pattern != "drift" ? 0.95 : 0.9;

        // A run with a thousand regions takes ten times as long.
        var seeds = policy == RegionPolicyKind.Adaptive ? 8UL : 25UL;
        for (ulong seed = 0; seed < seeds; seed++)
        {
            var run = SimulatedPattern.Run(pattern, policy, noise, new RegionLimits(minRegions, 1000), seed);

            run.Meter.Hot.Precision.Should().BeGreaterThanOrEqualTo(bound, "seed {0}", seed);
            run.Meter.Hot.Recall.Should().BeGreaterThanOrEqualTo(bound, "seed {0}", seed);
            run.MaxProbes.Should().BeLessThanOrEqualTo(1000);
        }
    }

    [Theory]
    [InlineData(RegionPolicyKind.Kernel, 64UL << 20)]
    [InlineData(RegionPolicyKind.Kernel, 1UL << 30)]
    [InlineData(RegionPolicyKind.Kernel, 64UL << 30)]
    [InlineData(RegionPolicyKind.Kernel, 1UL << 40)]
    [InlineData(RegionPolicyKind.Adaptive, 64UL << 20)]
    [InlineData(RegionPolicyKind.Adaptive, 1UL << 30)]
    [InlineData(RegionPolicyKind.Adaptive, 64UL << 30)]
    [InlineData(RegionPolicyKind.Adaptive, 1UL << 40)]
    public void Sampling_work_does_not_grow_with_the_memory(RegionPolicyKind policy, ulong size)
    {
        var memory = new SimulatedMemory([new AddressRange(1UL << 40, (1UL << 40) + (size / 8)), new AddressRange((1UL << 40) + (size / 8), (1UL << 40) + size)], LightNoise, new RandomSource(1));
        memory.SetAccess(0, new SimulatedAccess(size / 8 / 4096 * 1000.0));
        var plan = new MonitoringPlan(MonitoringIntervals.Default, new RegionLimits(10, 60), []);
        var random = new RandomSource(2);
        using var session = new MonitoringSession(plan, RegionPolicies.Create(policy, plan.Limits, random), random, TimeProvider.System);
        session.AddTarget(0, memory, memory);

        for (var i = 0; i < 2000; i++)
        {
            session.BeginSample();
            memory.Advance(plan.Intervals.Sample);
            session.EndSample();
        }

        session.MaxProbesPerInterval.Should().BeGreaterThan(10).And.BeLessThanOrEqualTo(60);
    }

    /// <summary>
    /// Bytes that are out of memory, averaged over the run. The sum of all that was ever freed is not compared: pages that stray accesses bring
    /// back one by one are freed again and again, and sampling cannot see each of them.
    /// </summary>
    [Theory]
    [InlineData(RegionPolicyKind.Kernel)]
    [InlineData(RegionPolicyKind.Adaptive)]
    public void What_observe_predicts_is_what_enforce_then_frees(RegionPolicyKind policy)
    {
        foreach (var pattern in SimulatedPattern.Names)
        {
            for (ulong seed = 0; seed < 5; seed++)
            {
                var predicted = SimulatedPattern.Run(pattern, policy, LightNoise, new RegionLimits(10, 1000), seed).PredictedBytes;
                var freed = SimulatedPattern.Run(pattern, policy, LightNoise, new RegionLimits(10, 1000), seed, SchemeMode.Enforce).FreedBytes;

                freed.Should().BeGreaterThan(0);
                (predicted / freed).Should().BeInRange(0.9, 1.1, "{0}, seed {1}", pattern, seed);
            }
        }
    }

    [Fact]
    public void Pages_that_were_paged_out_and_are_accessed_come_back_and_are_counted()
    {
        var memory = new SimulatedMemory([new AddressRange(0, 4096 * 100)], 0, new RandomSource(1));
        memory.Apply(SchemeAction.Pageout, [new AddressRange(0, 4096 * 40)]).EffectBytes.Should().Be(40 * 4096);
        memory.ResidentBytes.Should().Be(60 * 4096);
        memory.Advance(TimeSpan.FromHours(1));
        memory.FalsePositiveBytes.Should().Be(0, "nothing is accessed");

        memory.SetAccess(0, new SimulatedAccess(100 * 1000));
        memory.Advance(TimeSpan.FromSeconds(1));

        (memory.FalsePositiveBytes, memory.ResidentBytes).Should().Be((40 * 4096, 100 * 4096));
    }

    [Fact]
    public void What_is_away_is_out_of_reach_of_a_second_page_out()
    {
        var memory = new SimulatedMemory([new AddressRange(4096 * 10, 4096 * 300)], 0, new RandomSource(1));
        memory.Apply(SchemeAction.Pageout, [new AddressRange(4096 * 20, 4096 * 200)]);

        memory.Measure(SchemeAction.Pageout, new AddressRange(4096 * 10, 4096 * 300), ulong.MaxValue, out var reach);
        reach.Should().Be(new Reach(4096 * 300, 110 * 4096));

        memory.Measure(SchemeAction.Pageout, new AddressRange(4096 * 10, 4096 * 300), 20 * 4096, out var limited);
        limited.Should().Be(new Reach(4096 * 210, 20 * 4096));

        memory.Apply(SchemeAction.Pageout, [new AddressRange(4096 * 20, 4096 * 200)]).Outcome.Should().Be(ActionOutcome.NoEffect);
    }

    [Theory]
    [InlineData(4096UL, 100UL, 100UL)]
    [InlineData(65536UL, 160UL, 10UL)]
    [InlineData(64UL, 10UL, 10UL)]
    [InlineData(6000UL, 30UL, 21UL)] // 0, 6000, 12000 … touch pages 0, 1, 2, 4, 5, 7, 8, 10 …
    public void A_stride_above_the_page_size_leaves_pages_untouched(ulong stride, ulong pages, ulong touched)
    {
        var memory = new SimulatedMemory([new AddressRange(0, pages * 4096)], 0, new RandomSource(1));
        memory.SetAccess(0, new SimulatedAccess(pages * 1e6, stride));

        memory.BytesAccessedInAtLeast(0.5, new AddressRange(0, ulong.MaxValue), TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(5))
            .Should().Be(touched * 4096);
    }

    [Fact]
    public void A_moving_window_is_hot_where_it_was_at_any_time_of_the_span_and_wraps_around()
    {
        var memory = new SimulatedMemory([new AddressRange(0, 1000 * 4096)], 0, new RandomSource(1));
        memory.SetAccess(0, new SimulatedAccess(1e9, 4096, WindowShare: 0.1, WindowSpeedPerSecond: 0.01));

        ulong Hot(ulong fromPage, ulong toPage, double from, double to) => memory.BytesAccessedInAtLeast(
            0.5, new AddressRange(fromPage * 4096, toPage * 4096), TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to), TimeSpan.FromMilliseconds(5)) / 4096;

        Hot(0, 1000, 0, 0).Should().Be(100);
        Hot(0, 1000, 0, 5).Should().Be(150);
        Hot(100, 1000, 0, 5).Should().Be(50);
        Hot(0, 50, 95, 95).Should().Be(50, "the window starts at 95 % and its second half has wrapped");
        Hot(900, 1000, 95, 95).Should().Be(50);
    }
}
