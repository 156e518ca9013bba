using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

public class MonitoringSessionTests
{
    private static readonly MonitoringIntervals Intervals = MonitoringIntervals.Default;

    [Fact]
    public void An_aggregation_is_complete_after_its_number_of_samples()
    {
        using var session = Session(out _, new AddressRange(0, 1 << 20));

        Enumerable.Range(1, 60).Where(_ => Round(session)).Should().HaveCount(3);
        session.Aggregations.Should().Be(3);
        session.Elapsed.Should().Be(TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public void A_region_accessed_in_every_interval_has_the_highest_count()
    {
        var seen = new List<Region>();
        var observer = new CopyingObserver(seen);
        using var session = Session(out var memory, new AddressRange(0, 1 << 20), observer);
        memory.IsAccessed = _ => true;

        Aggregate(session);

        seen.Should().NotBeEmpty().And.OnlyContain(r => r.Accesses == 20);
    }

    [Fact]
    public void Hot_and_cold_memory_end_up_in_different_regions()
    {
        var seen = new List<Region>();
        using var session = Session(out var memory, new AddressRange(0, 64 << 20), new CopyingObserver(seen));
        memory.IsAccessed = address => address is >= 10 << 20 and < 13 << 20;

        for (var i = 0; i < 30; i++)
        {
            Aggregate(session);
        }

        var hot = seen.Where(r => r.Accesses >= 10).ToList();
        hot.Should().NotBeEmpty();
        hot.Min(r => r.Start).Should().BeInRange((10 << 20) - 65536, (10 << 20) + 65536);
        hot.Max(r => r.End).Should().BeInRange((13 << 20) - 65536, (13 << 20) + 65536);
    }

    [Fact]
    public void The_address_space_is_read_soon_at_first_and_then_at_every_update()
    {
        using var session = Session(out var memory, new AddressRange(0, 1 << 20), updateInterval: TimeSpan.FromMilliseconds(500));
        var reads = new List<int> { memory.Reads };
        for (var i = 0; i < 20; i++)
        {
            Aggregate(session);
            reads.Add(memory.Reads);
        }

        // After 1 aggregation, 2 more, 4 more, then every 5.
        reads.Should().Equal(1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 6, 6, 6, 6);
    }

    [Fact]
    public void Memory_that_was_unmapped_leaves_the_regions_at_the_next_update()
    {
        using var session = Session(out var memory, new AddressRange(0, 1 << 20), updateInterval: TimeSpan.FromMilliseconds(100));
        memory.Ranges[0] = new AddressRange(0, 1 << 19);
        memory.Ranges.Add(new AddressRange(1 << 21, 1 << 22));

        Aggregate(session);

        var regions = session.Targets[0].Regions;
        regions.TotalBytes.Should().Be((1 << 19) + (1 << 21));
        regions.Ends[^1].Should().Be(1 << 22);
    }

    [Fact]
    public void A9_the_layout_decides_whether_all_mappings_or_three_ranges_are_looked_at()
    {
        AddressRange[] mappings = [new(10, 20), new(20, 25), new(200, 210), new(210, 220), new(300, 305), new(307, 330)];
        var plan = new MonitoringPlan(Intervals, RegionLimits.Default, []) { MinRegionBytes = 1 };
        using var memory = new ScriptedMemory();
        memory.Ranges.AddRange(mappings);
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, new(1)), new(1), TimeProvider.System);
        session.AddTarget(1, memory, memory).Regions.TotalBytes.Should().Be(10 + 5 + 10 + 10 + 5 + 23);

        session.Commit(plan with { Layout = AddressSpaceLayout.ThreeRanges }).Should().BeEmpty();
        Aggregate(session);
        session.Targets[0].Regions.TotalBytes.Should().Be(15 + 20 + 30);

        session.Commit(plan).Should().BeEmpty();
        Aggregate(session);
        session.Targets[0].Regions.TotalBytes.Should().Be(63);
    }

    [Theory]
    [InlineData(ProbeOutcome.Gone, TargetState.Gone)]
    [InlineData(ProbeOutcome.Denied, TargetState.Denied)]
    [InlineData(ProbeOutcome.Unsupported, TargetState.Unsupported)]
    public void A_probe_that_cannot_go_on_ends_its_target_and_no_other(ProbeOutcome outcome, TargetState state)
    {
        Action<ScriptedMemory>[] steps = [m => m.PrepareOutcome = outcome, m => m.CheckOutcome = outcome, m => m.ReadOutcome = outcome];
        foreach (var step in steps)
        {
            using var session = Session(out var memory, new AddressRange(0, 1 << 20), updateInterval: TimeSpan.FromMilliseconds(100));
            using var other = new ScriptedMemory { Ranges = { new AddressRange(0, 4096) } };
            session.AddTarget(2, other, other);
            memory.LastError = "why";
            step(memory);

            Aggregate(session);

            var ended = session.EndedTargets.Should().ContainSingle().Subject;
            (ended.Id, ended.State, ended.Reason).Should().Be((1, state, "why"));
            memory.IsDisposed.Should().BeTrue();
            session.Targets.Should().ContainSingle().Which.Id.Should().Be(2);
        }
    }

    [Fact]
    public void A_pass_that_failed_for_a_passing_reason_observes_nothing_and_goes_on()
    {
        using var session = Session(out var memory, new AddressRange(0, 1 << 20));
        memory.IsAccessed = _ => true;
        memory.CheckOutcome = ProbeOutcome.TryAgain;

        for (var i = 0; i < 5; i++)
        {
            Round(session);
        }

        session.Targets[0].MissedPasses.Should().Be(5);
        session.Targets[0].Regions.Accesses.ToArray().Should().OnlyContain(a => a == 0);
    }

    [Fact]
    public void Ages_keep_their_meaning_when_the_intervals_change()
    {
        using var session = Session(out var memory, new AddressRange(0, 1 << 20));
        for (var i = 0; i < 40; i++)
        {
            Aggregate(session);
        }

        var age = session.Targets[0].Regions.Ages[0];
        session.ChangeIntervals(session.Intervals.WithSample(TimeSpan.FromMilliseconds(20)));

        age.Should().BeInRange(35, 40);
        session.Targets[0].Regions.Ages[0].Should().Be(age / 4);
        session.Intervals.Aggregation.Should().Be(TimeSpan.FromMilliseconds(400));
    }

    [Fact]
    public void Sampling_is_bounded_by_the_maximum_however_many_mappings_there_are()
    {
        var ranges = Enumerable.Range(0, 5000).Select(i => new AddressRange((ulong)i * 1_000_000, ((ulong)i * 1_000_000) + 40960)).ToArray();
        using var session = Session(out var memory, ranges[0], limits: new RegionLimits(10, 100), updateInterval: TimeSpan.FromMilliseconds(100));
        memory.Ranges.Clear();
        memory.Ranges.AddRange(ranges);
        var random = new RandomSource(5);
        memory.IsAccessed = _ => random.NextShare() < 0.5;

        for (var i = 0; i < 50; i++)
        {
            Aggregate(session);
        }

        session.MaxProbesPerInterval.Should().BeGreaterThan(20).And.BeLessThanOrEqualTo(100);
    }

    [Theory]
    [InlineData(RegionPolicyKind.Kernel)]
    [InlineData(RegionPolicyKind.Adaptive)]
    public void A_round_allocates_nothing_in_steady_state(RegionPolicyKind policy)
    {
        // Hot, cold and strayed-into memory, and a scheme that acts: pages leave and come back all the time.
        using var memory = new SimulatedMemory([new AddressRange(0, 1UL << 28), new AddressRange(1UL << 28, 1UL << 30)], 0.1, new RandomSource(2));
        memory.SetAccess(0, new SimulatedAccess(1e8));
        var random = new RandomSource(1);
        var scheme = SchemeTests.Scheme("cold") with { Pattern = new() { MinAge = TimeSpan.FromMilliseconds(300), MaxRate = default } };
        var plan = new MonitoringPlan(Intervals, RegionLimits.Default, [scheme, scheme with { Name = "observed", Mode = SchemeMode.Observe }]);
        using var session = new MonitoringSession(plan, RegionPolicies.Create(policy, plan.Limits, random), random, TimeProvider.System);
        session.AddTarget(1, memory, memory);
        void Rounds(int count)
        {
            for (var i = 0; i < count; i++)
            {
                session.BeginSample();
                memory.Advance(Intervals.Sample);
                session.EndSample();
            }
        }

        Rounds(4000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(4000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        allocated.Should().Be(0);
        session.Schemes[0].Statistics.AppliedBytes.Should().BeGreaterThan(0);
    }

    [Fact]
    public void Equal_seeds_give_equal_regions()
    {
        static List<Region> Run(ulong seed)
        {
            var random = new RandomSource(seed);
            var seen = new List<Region>();
            var memory = new ScriptedMemory { Ranges = { new AddressRange(0, 1UL << 28) }, IsAccessed = a => (a >> 20) % 5 == 0 };
            var plan = new MonitoringPlan(Intervals, RegionLimits.Default, []);
            using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System, new CopyingObserver(seen));
            session.AddTarget(1, memory, memory);
            for (var i = 0; i < 20; i++)
            {
                Aggregate(session);
            }

            return seen;
        }

        Run(1).Should().Equal(Run(1));
        Run(1).Should().NotEqual(Run(2));
    }

    internal static bool Round(MonitoringSession session)
    {
        session.BeginSample();
        return session.EndSample();
    }

    internal static void Aggregate(MonitoringSession session)
    {
        while (!Round(session))
        {
        }
    }

    private static MonitoringSession Session(
        out ScriptedMemory memory, AddressRange range, ISessionObserver? observer = null, RegionLimits? limits = null, TimeSpan? updateInterval = null)
    {
        var random = new RandomSource(1);
        var intervals = new MonitoringIntervals(Intervals.Sample, Intervals.Aggregation, updateInterval ?? Intervals.Update);
        var plan = new MonitoringPlan(intervals, limits ?? RegionLimits.Default, []);
        var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System, observer);
        memory = new ScriptedMemory { Ranges = { range } };
        session.AddTarget(1, memory, memory);
        return session;
    }

    private sealed class CopyingObserver(List<Region> seen) : ISessionObserver
    {
        public void OnAggregated(MonitoringSession session)
        {
            seen.Clear();
            foreach (var target in session.Targets)
            {
                seen.AddRange(Enumerable.Range(0, target.Regions.Count).Select(i => target.Regions[i]));
            }
        }

        public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
        {
        }
    }
}
