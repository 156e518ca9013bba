using CsCheck;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Agent;

namespace Damon.NodeAgent.Tests.Agent;

public class ProbeBudgetTests
{
    private static readonly TimeSpan Half = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);

    // Looks per second; pods as rank:MiB:min:max; the interval in seconds and what each pod gets.
    [Theory]
    [InlineData(200, "1:10:10:1000", 0.5, "100")]
    [InlineData(200, "1:10:10:50", 0.5, "50")]
    [InlineData(200, "1:10:10:1000 1:10:10:1000", 0.5, "50 50")]
    [InlineData(200, "1:30:10:1000 1:10:10:1000", 0.5, "70 30")]
    [InlineData(200, "1:10:10:1000 2:10:10:1000", 0.5, "63 36")]
    [InlineData(200, "1:30:10:20 1:10:10:1000", 0.5, "20 80")]
    [InlineData(200, "1:0:10:1000 1:0:10:1000", 0.5, "50 50")]
    [InlineData(10, "1:10:10:1000 1:10:10:1000", 2, "10 10")]
    [InlineData(2, "1:10:10:1000 2:10:10:1000", 10, "10 10")]
    [InlineData(1, "1:10:10:1000 2:10:10:1000", 10, "10")]
    [InlineData(0.5, "1:10:10:1000", 0.5, "")]
    [InlineData(200, "", 0.5, "")]
    public void Each_pod_gets_its_minimum_and_of_the_rest_its_part_by_rank_and_size(double looks, string pods, double seconds, string regions)
    {
        var demands = pods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pod => pod.Split(':').Select(int.Parse).ToArray())
            .Select(part => new PodDemand("p", part[0], (ulong)part[1] << 20, part[2], part[3])).ToList();

        var division = ProbeBudget.Divide(looks, Half, Ten, demands);

        division.Sample.Should().Be(TimeSpan.FromSeconds(seconds));
        string.Join(' ', division.Regions).Should().Be(regions);
    }

    [Fact]
    public void No_division_is_above_its_bounds() => Gen.Select(
        Gen.Double[0.1, 10_000],
        Gen.Select(Gen.Int[1, 16], Gen.ULong[0, 1UL << 40], Gen.Int[3, 100], Gen.Int[0, 1000]).Array[0, 50]).Sample((looks, pods) =>
        {
            var demands = pods.Select(pod => new PodDemand("p", pod.Item1, pod.Item2, pod.Item3, pod.Item3 + pod.Item4)).OrderBy(pod => pod.Rank).ToList();
            var division = ProbeBudget.Divide(looks, Half, Ten, demands);
            division.Sample.Should().BeGreaterThanOrEqualTo(Half).And.BeLessThanOrEqualTo(Ten);
            ((double)division.Total).Should().BeLessThanOrEqualTo((looks * division.Sample.TotalSeconds) + 1e-6);
            for (var i = 0; i < division.Regions.Count; i++)
            {
                division.Regions[i].Should().BeInRange(demands[i].MinRegions, demands[i].MaxRegions);
            }

            if (division.Regions.Count < demands.Count)
            {
                (demands.Take(division.Regions.Count + 1).Sum(pod => pod.MinRegions) / looks).Should().BeGreaterThan(Ten.TotalSeconds);
            }
        });

    // Aggregation, age.min and apply interval in seconds; the latency.
    [Theory]
    [InlineData(10, 120, 0, 140)]
    [InlineData(10, 121, 0, 150)]
    [InlineData(10, 0, 0, 20)]
    [InlineData(10, 120, 5, 140)]
    [InlineData(10, 120, 60, 200)]
    [InlineData(200, 20, 0, 600)]
    public void Memory_that_turns_cold_is_found_after_its_age_and_two_aggregations(int aggregation, int age, int apply, int latency)
    {
        var scheme = new SchemeDescription("s", SchemeAction.Pageout, new() { MinAge = TimeSpan.FromSeconds(age) }) { ApplyInterval = TimeSpan.FromSeconds(apply) };
        DetectionLatency.Of(scheme, new(TimeSpan.FromSeconds(aggregation / 20.0), TimeSpan.FromSeconds(aggregation), TimeSpan.FromHours(1))).Should().Be(TimeSpan.FromSeconds(latency));
    }

    /// <summary>The bound holds in a session, wherever in an aggregation memory turns cold, and not much less would.</summary>
    [Fact]
    public void A_session_keeps_the_latency_and_nearly_needs_it()
    {
        var intervals = new MonitoringIntervals(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        var scheme = new SchemeDescription("s", SchemeAction.Pageout, new() { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromMilliseconds(350) }) { Mode = SchemeMode.Enforce };
        var bound = DetectionLatency.Of(scheme, intervals);
        var longest = TimeSpan.Zero;
        for (var turn = 40; turn < 60; turn++)
        {
            var memory = new Damon.Testing.ScriptedMemory { Ranges = { new(0, 64 * 4096) } };
            var random = new Damon.Engine.Regions.RandomSource(1);
            var plan = new MonitoringPlan(intervals, Damon.Engine.Regions.RegionLimits.Default, [scheme]);
            using var session = new MonitoringSession(plan, new Damon.Engine.Regions.KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System);
            session.AddTarget(1, memory, memory);
            var sample = 0;
            memory.IsAccessed = _ => sample < turn;
            for (; memory.Applied.Count == 0 && sample < 1000; sample++)
            {
                session.BeginSample();
                session.EndSample();
            }

            var latency = session.Elapsed - (intervals.Sample * turn);
            latency.Should().BeLessThanOrEqualTo(bound);
            longest = latency > longest ? latency : longest;
        }

        longest.Should().BeGreaterThan(bound - (intervals.Aggregation * 1.1));
    }
}
