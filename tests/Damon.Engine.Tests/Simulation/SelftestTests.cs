using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.Testing;

namespace Damon.Engine.Tests.Simulation;

/// <summary>What the kernel's own selftests ask of a running DAMON, in virtual time.</summary>
public class SelftestTests
{
    private const ulong MiB = 1UL << 20;

    [Fact]
    public void S2_a_scheme_with_a_tenth_of_the_apply_interval_tries_ten_times_as_often()
    {
        var slow = new SchemeDescription("slow", SchemeAction.Stat, new());
        var plan = new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [slow, slow with { Name = "fast", ApplyInterval = TimeSpan.FromMilliseconds(10) }]);
        using var memory = new SimulatedMemory([new AddressRange(MiB, 21 * MiB)], 0.1, new RandomSource(1));
        using var session = Session(plan, memory, 2);
        for (var i = 0; i < 2000; i++)
        {
            Step(session, memory);
        }

        var (one, ten) = (session.Schemes[0].Statistics.MatchedRegions, session.Schemes[1].Statistics.MatchedRegions);
        one.Should().BeGreaterThan(0);
        ((double)ten / one).Should().BeGreaterThanOrEqualTo(9);
    }

    [Theory]
    [InlineData(10, 20, 100, false)]
    [InlineData(10, 20, 100, true)]
    [InlineData(15, 3, 10, false)]
    [InlineData(15, 3, 10, true)]
    public void S4_the_number_of_regions_stays_within_its_limits(int real, int min, int max, bool hasGaps)
    {
        using var memory = Stripes(real, hasGaps);
        using var session = Session(new MonitoringPlan(MonitoringIntervals.Default, new RegionLimits(min, max), []), memory, 3);
        var snapshots = 0;
        while (snapshots < 11)
        {
            snapshots += Step(session, memory) ? 1 : 0;
            session.RegionCount.Should().BeInRange(min, max);
            session.TakeSnapshot().Targets[0].Regions.Should().HaveCount(session.RegionCount);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void S4_lower_limits_hold_at_once(bool hasGaps)
    {
        var plan = new MonitoringPlan(MonitoringIntervals.Default with { Update = TimeSpan.FromMilliseconds(100) }, new RegionLimits(3, 100), []);
        using var memory = Stripes(14, hasGaps);
        using var session = Session(plan, memory, 3);
        for (var i = 0; i < 500; i++)
        {
            Step(session, memory);
        }

        session.RegionCount.Should().BeGreaterThan(14);
        session.Commit(plan with { Limits = new(3, 7) }).Should().BeEmpty();
        for (var i = 0; i < 200; i++)
        {
            session.RegionCount.Should().BeInRange(3, 7, "also before the next aggregation");
            Step(session, memory);
        }

        session.Commit(plan).Should().BeEmpty();
        for (var i = 0; i < 500; i++)
        {
            Step(session, memory);
        }

        session.RegionCount.Should().BeInRange(15, 100, "what was folded is read again");
    }

    [Fact]
    public void S5_the_working_set_is_estimated_within_a_fifth()
    {
        var errors = new List<string>();
        for (var size = 10 * MiB; size <= 160 * MiB; size *= 2)
        {
            var sizes = WorkingSets(size);
            var (half, threeQuarters) = (sizes[sizes.Count / 2], sizes[sizes.Count * 3 / 4]);
            errors.Add($"{size / MiB} MiB: {half / MiB}, {threeQuarters / MiB}");
            if (IsWithinAFifth(half, size) && IsWithinAFifth(threeQuarters, size))
            {
                return;
            }
        }

        errors.Should().BeEmpty("one size at least is to be estimated well");
    }

    /// <summary>Two regions, accessed in turns; what a scheme of 25 % for 200 ms matches, forty times.</summary>
    private static List<ulong> WorkingSets(ulong size)
    {
        var pattern = new AccessPattern { MinRate = AccessRate.FromPercent(25), MinAge = TimeSpan.FromMilliseconds(200) };
        using var memory = new SimulatedMemory([new AddressRange(MiB, MiB + size), new AddressRange(MiB + size, MiB + (2 * size))], 0, new RandomSource(5));
        using var session = Session(new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [new("wss", SchemeAction.Stat, pattern)]), memory, 6);
        var sizes = new List<ulong>();
        var access = new SimulatedAccess(size / 4096 * 1000.0);
        for (var step = 0; sizes.Count < 40; step++)
        {
            // In turns of two seconds; read every 200 ms after eight seconds.
            var first = step / 400 % 2 == 0;
            memory.SetAccess(0, first ? access : default);
            memory.SetAccess(1, first ? default : access);
            Step(session, memory);
            if (step >= 1600 && step % 40 == 39)
            {
                session.Schemes[0].Statistics.MatchedNowBytes.Should().Be(session.Schemes[0].TriedInLatestPass().Aggregate(0UL, (sum, region) => sum + region.Range.SizeBytes));
                sizes.Add(session.Schemes[0].Statistics.MatchedNowBytes);
            }
        }

        sizes.Sort();
        return sizes;
    }

    private static bool IsWithinAFifth(ulong found, ulong real) => found >= real * 8 / 10 && found <= real * 12 / 10;

    /// <summary>Regions of 10 MiB of which every second one is accessed.</summary>
    private static SimulatedMemory Stripes(int count, bool hasGaps)
    {
        var step = hasGaps ? 16 * MiB : 10 * MiB;
        var ranges = Enumerable.Range(0, count).Select(i => new AddressRange(MiB + ((ulong)i * step), MiB + ((ulong)i * step) + (10 * MiB))).ToList();
        var memory = new SimulatedMemory(ranges, 0, new RandomSource(7));
        for (var i = 0; i < count; i += 2)
        {
            memory.SetAccess(i, new SimulatedAccess(1e7));
        }

        return memory;
    }

    private static MonitoringSession Session(MonitoringPlan plan, SimulatedMemory memory, ulong seed)
    {
        var random = new RandomSource(seed);
        var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, new VirtualTime());
        session.AddTarget(1, memory, memory);
        return session;
    }

    private static bool Step(MonitoringSession session, SimulatedMemory memory)
    {
        session.BeginSample();
        memory.Advance(session.Intervals.Sample);
        return session.EndSample();
    }
}
