using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.Testing;
using static Damon.Engine.Tests.Monitoring.CommitTests;
using static Damon.Engine.Tests.Monitoring.MonitoringSessionTests;

namespace Damon.Engine.Tests.Monitoring;

public class IntervalTuningTests
{
    private static readonly MonitoringPlan Plan = new(MonitoringIntervals.Default, RegionLimits.Default, []) { IntervalsGoal = new() };

    [Fact]
    public void Intervals_double_every_three_aggregations_while_nothing_is_seen_and_keep_their_ratio()
    {
        using var session = Session(Plan, out _);
        var samples = new List<double>();
        for (var i = 0; i < 36; i++)
        {
            Aggregate(session);
            samples.Add(session.Intervals.Sample.TotalMilliseconds);
            session.Intervals.SamplesPerAggregation.Should().Be(20);
        }

        samples.Where((_, i) => i % 3 == 2).Should().Equal(10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_000, 10_000);
        samples.Take(2).Should().Equal(5, 5);
        session.Intervals.Aggregation.Should().Be(TimeSpan.FromSeconds(200));
        session.Intervals.Update.Should().Be(TimeSpan.FromSeconds(200), "address spaces are read no more often than aggregations end");
    }

    [Fact]
    public void Intervals_shorten_while_everything_is_seen_and_the_update_interval_comes_back()
    {
        var plan = Plan with { Intervals = Plan.Intervals.WithSample(TimeSpan.FromSeconds(4)) with { Update = TimeSpan.FromSeconds(80) } };
        using var session = Session(plan, out var memory);
        memory.IsAccessed = _ => true;
        for (var i = 0; i < 60; i++)
        {
            Aggregate(session);
        }

        session.Intervals.Should().Be(plan.Intervals.WithSample(TimeSpan.FromMilliseconds(5)));
    }

    [Fact]
    public void Intervals_settle_where_the_wanted_share_is_seen()
    {
        // Each page of the hot half is accessed 0.5 times a second: a look sees the wanted 4 % of all at some 160 ms.
        using var memory = new SimulatedMemory([new AddressRange(0, 32UL << 20), new AddressRange(32UL << 20, 64UL << 20)], 0, new RandomSource(3));
        memory.SetAccess(0, new SimulatedAccess(0.5 * (32 << 20) / 4096));
        var random = new RandomSource(4);
        using var session = new MonitoringSession(Plan, new KernelRegionPolicy(Plan.Limits, random), random, TimeProvider.System);
        session.AddTarget(1, memory, memory);
        var settled = new List<double>();
        for (var i = 0; i < 120 * 20; i++)
        {
            session.BeginSample();
            memory.Advance(session.Intervals.Sample);
            session.EndSample();
            if (i > 60 * 20)
            {
                settled.Add(session.Intervals.Sample.TotalMilliseconds);
            }
        }

        settled.Average().Should().BeInRange(120, 220);
        settled.Min().Should().BeGreaterThan(80);
        settled.Max().Should().BeLessThan(320);
    }

    [Theory]
    [InlineData(4000, 50)] // a quarter of 4 s is 1 s, of 20 samples
    [InlineData(800, 10)]
    [InlineData(100, 5)] // the goal's own shortest interval holds against it
    public void Aggregations_stay_at_or_below_a_quarter_of_the_shortest_age_threshold(int ageMilliseconds, int sampleMilliseconds)
    {
        static SchemeDescription Scheme(string name, double age) =>
            new(name, SchemeAction.Stat, new() { MinAge = TimeSpan.FromMilliseconds(age), MaxRate = AccessRate.FromPercent(5) });
        var plan = Plan with { Schemes = [Scheme("far", 1e6), Scheme("near", ageMilliseconds), Scheme("none", 0)] };
        using var session = Session(plan, out _);

        for (var i = 0; i < 60; i++)
        {
            Aggregate(session);
        }

        session.Intervals.Sample.Should().Be(TimeSpan.FromMilliseconds(sampleMilliseconds));
        session.Schemes[1].Thresholds.MinAge.Should().BeGreaterThan(0);
    }

    [Fact]
    public void A_floor_for_the_cost_holds_against_every_goal_and_age()
    {
        var plan = Plan with { Schemes = [new("s", SchemeAction.Stat, new() { MinAge = TimeSpan.FromMilliseconds(400) })] };
        using var session = Session(plan, out var memory);
        session.SampleFloor = TimeSpan.FromMilliseconds(60);
        memory.IsAccessed = _ => true;

        for (var i = 0; i < 9; i++)
        {
            Aggregate(session);
        }

        session.Intervals.Sample.Should().Be(TimeSpan.FromMilliseconds(60));
        session.Commit(plan with { Intervals = plan.Intervals.WithSample(TimeSpan.FromMilliseconds(7)) });
        session.Intervals.Sample.Should().Be(TimeSpan.FromMilliseconds(60));
    }

    [Fact]
    public void A_goal_that_is_met_leaves_ages_alone()
    {
        // 97 % of what is wanted: converting would round every age down each time.
        using var memory = new ScriptedMemory { Ranges = { new AddressRange(0, 4096 * 100) } };
        var sample = 0;
        memory.IsAccessed = _ => sample % 20 == 0;
        var plan = Plan with { IntervalsGoal = new() { AccessRate = AccessRate.FromPercent(5.15m) } };
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, new(1)), new(1), TimeProvider.System);
        session.AddTarget(1, memory, memory);
        for (; sample < 60 * 20; sample++)
        {
            Round(session);
        }

        session.Intervals.Should().Be(plan.Intervals);
        session.Targets[0].Regions.Ages.ToArray().Should().OnlyContain(age => age >= 55);
    }

    [Fact]
    public void Looks_that_failed_are_no_reason_to_look_for_longer()
    {
        using var session = Session(Plan, out var memory);
        memory.CheckOutcome = ProbeOutcome.TryAgain;

        for (var i = 0; i < 12; i++)
        {
            Aggregate(session);
        }

        session.Intervals.Should().Be(Plan.Intervals);
    }

    [Fact]
    public void At_the_end_of_an_aggregation_its_counts_survive_the_change()
    {
        using var session = Session(Plan, out var memory);
        memory.IsAccessed = address => address < 4096;
        Aggregate(session);
        Aggregate(session);
        var before = session.Intervals;
        Aggregate(session);

        session.Intervals.Sample.Should().BeGreaterThan(before.Sample);
        session.Targets[0].Regions.LastAccesses[0].Should().BeGreaterThan(0);
    }
}
