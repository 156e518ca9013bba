using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class GuardedActorTests
{
    private const string Pressure = "/proc/pressure/memory";
    private const string Calm = "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

    private static readonly AddressRange Range = new(4096, 8192);

    [Fact]
    public void A_young_process_is_left_alone_until_its_grace_is_over()
    {
        using var host = FakeHost.With((Pressure, Calm));
        using var inner = new ScriptedMemory();
        var clock = new FakeTimeProvider();
        using var actor = new GuardedActor(inner, new PressureRail(host.Root, clock, acceptsUnmeasurable: false), clock, TimeSpan.FromSeconds(10));

        actor.Measure(SchemeAction.Pageout, Range, ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Held);
        reach.ReachableBytes.Should().Be(0);
        actor.LastError.Should().Be("StartGrace");
        actor.ReadResident(out _).Should().Be(ActionOutcome.Held);
        actor.Apply(SchemeAction.Pageout, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        inner.Applied.Should().BeEmpty();

        clock.Advance(TimeSpan.FromSeconds(10));
        actor.Measure(SchemeAction.Pageout, Range, ulong.MaxValue, out _).Should().Be(ActionOutcome.Applied);
        actor.Apply(SchemeAction.Pageout, [Range]).Outcome.Should().Be(ActionOutcome.Applied);
        inner.Applied.Should().Equal(Range);
    }

    [Fact]
    public void Page_filters_reach_the_actor_behind()
    {
        using var host = FakeHost.With((Pressure, Calm));
        using var inner = new ScriptedMemory { Facts = address => new PageFacts(PageFactKinds.Young, IsYoung: address == 4096) };
        var clock = new FakeTimeProvider();
        using var actor = new GuardedActor(inner, new PressureRail(host.Root, clock, acceptsUnmeasurable: false), clock, TimeSpan.Zero);
        var filters = new PageFilters([new SchemeFilter(SchemeFilterType.Young, true, false)]);
        var range = new AddressRange(4096, 3 * 4096);

        actor.Measure(SchemeAction.Pageout, range, ulong.MaxValue, out var reach, filters).Should().Be(ActionOutcome.Applied);
        reach.ReachableBytes.Should().Be(4096);
        actor.Apply(SchemeAction.Pageout, [range], filters).AdvisedBytes.Should().Be(4096);
        actor.EndLook(range, filters).Should().Be(ActionOutcome.Applied);
        inner.Applied.Should().Equal(new AddressRange(2 * 4096, 3 * 4096));
        inner.EndedLooks.Should().Equal(range);
    }

    [Fact]
    public void Pressure_that_begins_between_measuring_and_acting_stops_the_action()
    {
        using var host = FakeHost.With((Pressure, Calm));
        using var inner = new ScriptedMemory();
        var clock = new FakeTimeProvider();
        using var actor = new GuardedActor(inner, new PressureRail(host.Root, clock, acceptsUnmeasurable: false), clock, TimeSpan.Zero);
        actor.Measure(SchemeAction.Pageout, Range, ulong.MaxValue, out _).Should().Be(ActionOutcome.Applied);

        host.Write(Pressure, Calm.Replace("avg10=0.00", "avg10=9.00", StringComparison.Ordinal));
        clock.Advance(TimeSpan.FromSeconds(2));

        actor.Apply(SchemeAction.Pageout, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        inner.Applied.Should().BeEmpty();
        actor.LastError.Should().Be("Pressure");
    }
}
