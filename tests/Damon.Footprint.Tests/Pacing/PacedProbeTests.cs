using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Footprint.Agent;

namespace Damon.Footprint.Tests.Pacing;

public class PacedProbeTests
{
    private static readonly TimeSpan Look = TimeSpan.FromMicroseconds(3);

    [Theory]
    // what marking a page and looking at it cost by themselves, and what they cost then, in microseconds
    [InlineData(0, 0, 3)]
    [InlineData(1, 1, 3)]
    [InlineData(2.5, 0, 3)]
    [InlineData(0, 2.9, 4.4)]
    [InlineData(1.5, 1.5, 3)]
    [InlineData(4, 4, 8)]
    public void A_look_costs_what_it_is_given_to_cost_or_what_it_costs_by_itself(double marking, double looking, double expected)
    {
        const int Pages = 50;
        var cpu = new CountingClock();
        using var probe = new PacedProbe(new CostlyProbe(cpu, TimeSpan.FromMicroseconds(marking * Pages), TimeSpan.FromMicroseconds(looking * Pages)), Look, cpu);
        var addresses = new ulong[Pages];
        for (var round = 1; round <= 3; round++)
        {
            probe.Prepare(addresses).Should().Be(ProbeOutcome.Ok);
            probe.Check(addresses, addresses, addresses, new AccessObservation[Pages]).Should().Be(ProbeOutcome.Ok);

            // The clock goes on by a step with each reading, so a wait ends up to one step late.
            cpu.Elapsed.Should().BeCloseTo(TimeSpan.FromMicroseconds(expected * Pages * round), CountingClock.Step * 6 * round);
        }
    }

    [Fact]
    public void Nothing_to_look_at_costs_nothing()
    {
        var cpu = new CountingClock();
        using var probe = new PacedProbe(new CostlyProbe(cpu, TimeSpan.Zero, TimeSpan.Zero), Look, cpu);
        probe.Prepare([]);
        probe.Check([], [], [], []);

        cpu.Elapsed.Should().BeLessThanOrEqualTo(CountingClock.Step * 6);
    }

    /// <summary>CPU time that passes by being asked for, and by what a probe is said to cost.</summary>
    private sealed class CountingClock : TimeProvider
    {
        public static readonly TimeSpan Step = TimeSpan.FromTicks(1);

        public TimeSpan Elapsed { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Spend(TimeSpan cost) => Elapsed += cost;

        public override long GetTimestamp()
        {
            Elapsed += Step;
            return Elapsed.Ticks;
        }
    }

    private sealed class CostlyProbe(CountingClock cpu, TimeSpan marking, TimeSpan looking) : IAccessProbe
    {
        public ProbeGranularity Granularity => ProbeGranularity.Page;

        public string LastError => "";

        public ProbeOutcome ReadAddressSpace(AddressRangeList ranges) => ProbeOutcome.Ok;

        public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
        {
            cpu.Spend(marking);
            return ProbeOutcome.Ok;
        }

        public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
        {
            cpu.Spend(looking);
            return ProbeOutcome.Ok;
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
