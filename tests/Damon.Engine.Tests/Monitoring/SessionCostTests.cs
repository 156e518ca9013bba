using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Testing;

namespace Damon.Engine.Tests.Monitoring;

/// <summary>What a round costs, in things that can be counted; times are for the benchmarks.</summary>
public class SessionCostTests
{
    private static readonly SchemeDescription Cold = new("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromMilliseconds(300) })
    {
        Mode = SchemeMode.Enforce,
        Quota = new SchemeQuota { SizeBytes = 16 << 20, Interval = TimeSpan.FromMilliseconds(500) },
    };

    [Fact]
    public void Regions_and_looks_are_the_same_from_a_gibibyte_to_a_tebibyte()
    {
        // Everything is a thousand times as large, the smallest region too: then nothing may depend on the size, and every region is the other one's, magnified.
        var small = Run(targets: 1, memoryBytes: 1UL << 30, minRegionBytes: 4096, maxRegions: 300, rounds: 1200);
        var large = Run(targets: 1, memoryBytes: 1UL << 40, minRegionBytes: 4096 << 10, maxRegions: 300, rounds: 1200);
        large.Looks.Should().Be(small.Looks).And.BeGreaterThan(100_000);
        large.Regions.Should().Equal(small.Regions.Select(r => r with { Start = r.Start << 10, End = r.End << 10 }));
    }

    [Fact]
    public void A_tebibyte_with_small_regions_is_looked_at_no_more_than_the_maximum_says()
    {
        var result = Run(targets: 1, memoryBytes: 1UL << 40, minRegionBytes: 4096, maxRegions: 300, rounds: 1200);
        result.MaxProbes.Should().BeInRange(150, 300);
    }

    [Fact]
    public void A_hundred_targets_share_one_maximum_and_each_is_asked_once_an_interval()
    {
        var result = Run(targets: 100, memoryBytes: 1UL << 28, minRegionBytes: 4096, maxRegions: 5000, rounds: 400);
        result.MaxProbes.Should().BeInRange(2500, 5000);
        result.Calls.Should().Be(100 * 400);
    }

    [Fact]
    public void A_round_over_a_hundred_targets_with_schemes_that_act_allocates_nothing()
    {
        var memories = Enumerable.Range(0, 100).Select(_ => new SimulatedStripes(1UL << 28)).ToArray();
        var random = new RandomSource(5);
        var plan = new MonitoringPlan(MonitoringIntervals.Default, new RegionLimits(10, 2000), [Cold, Cold with { Name = "observed", Mode = SchemeMode.Observe }]);
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, TimeProvider.System);
        for (var i = 0; i < memories.Length; i++)
        {
            session.AddTarget(i, memories[i], memories[i]);
        }

        // Of a hundred tables one or another still meets its largest number of regions so far, and grows; most rounds see none do so.
        Rounds(session, 2000);
        var applied = session.Schemes[0].Statistics.AppliedBytes;
        Allocations.Of(() => Rounds(session, 400)).Should().Be(0);
        session.Schemes[0].Statistics.AppliedBytes.Should().BeGreaterThan(applied);
    }

    private static (long Looks, long Calls, int MaxProbes, List<Region> Regions) Run(int targets, ulong memoryBytes, ulong minRegionBytes, int maxRegions, int rounds)
    {
        var memories = Enumerable.Range(0, targets).Select(_ => new SimulatedStripes(memoryBytes)).ToArray();
        var random = new RandomSource(3);
        var plan = new MonitoringPlan(MonitoringIntervals.Default, new RegionLimits(10, maxRegions), []) { MinRegionBytes = minRegionBytes };
        using var session = new MonitoringSession(plan, new KernelRegionPolicy(plan.Limits, random), random, new VirtualTime());
        for (var i = 0; i < targets; i++)
        {
            session.AddTarget(i, memories[i], memories[i]);
        }

        Rounds(session, rounds);
        var table = session.Targets[0].Regions;
        return (memories.Sum(m => m.Looks), memories.Sum(m => m.Calls), session.MaxProbesPerInterval, [.. Enumerable.Range(0, table.Count).Select(i => table[i])]);
    }

    private static void Rounds(MonitoringSession session, int count)
    {
        for (var i = 0; i < count; i++)
        {
            session.BeginSample();
            session.EndSample();
        }
    }

    /// <summary>Sixty-four stripes, every second one accessed all the time; allocates nothing and takes every advice.</summary>
    private sealed class SimulatedStripes(ulong bytes) : IAccessProbe, IMemoryActor
    {
        public long Looks { get; private set; }

        public long Calls { get; private set; }

        public ProbeGranularity Granularity => ProbeGranularity.Page;

        public string LastError => "";

        public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
        {
            ranges.Clear();
            ranges.Add(new AddressRange(0, bytes));
            return ProbeOutcome.Ok;
        }

        public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses) => ProbeOutcome.Ok;

        public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
        {
            Looks += addresses.Length;
            Calls++;
            for (var i = 0; i < addresses.Length; i++)
            {
                seen[i] = (AccessObservation)(addresses[i] / (bytes / 64) % 2);
            }

            return ProbeOutcome.Ok;
        }

        public ActionOutcome ReadResident(out ulong residentBytes)
        {
            residentBytes = bytes;
            return ActionOutcome.Applied;
        }

        public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
        {
            var reached = Math.Min(range.SizeBytes, (maxBytes + 4095) & ~4095UL);
            reach = new Reach(range.Start + reached, reached);
            return ActionOutcome.Applied;
        }

        public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
        {
            ulong advised = 0;
            foreach (var range in ranges)
            {
                advised += range.SizeBytes;
            }

            return new ActionResult(ActionOutcome.Applied, advised, advised);
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
