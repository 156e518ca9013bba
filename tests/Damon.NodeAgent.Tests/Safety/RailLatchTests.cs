using Damon.NodeAgent.Safety;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class RailLatchTests
{
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(2);

    // over ×  calm ·        ×···········  holds  for 120 s after the last ×, then half for 120 s, then whole
    [Fact]
    public void After_a_trip_come_a_calm_period_of_nothing_and_one_of_half_the_budget()
    {
        var clock = new FakeTimeProvider();
        var latch = new RailLatch();
        latch.BudgetFactor.Should().Be(1);
        latch.Update(true, Calm, clock).Should().BeTrue();
        latch.Update(true, Calm, clock).Should().BeFalse("it holds already");

        foreach (var (second, factor) in ((int, double)[])[(1, 0), (119, 0), (120, 0.5), (239, 0.5), (240, 1), (1000, 1)])
        {
            clock.SetUtcNow(clock.Start + TimeSpan.FromSeconds(second));
            latch.Update(false, Calm, clock);
            latch.BudgetFactor.Should().Be(factor, $"{second} s have passed");
        }

        latch.Trips.Should().Be(1);
    }

    [Fact]
    public void A_trip_within_the_half_period_holds_again_for_a_whole_calm_period()
    {
        var clock = new FakeTimeProvider();
        var latch = new RailLatch();
        latch.Update(true, Calm, clock);
        clock.Advance(Calm);
        latch.Update(false, Calm, clock);
        latch.Update(true, Calm, clock).Should().BeTrue();
        clock.Advance(Calm - TimeSpan.FromSeconds(1));
        latch.Update(false, Calm, clock);
        latch.IsHolding.Should().BeTrue();
        latch.Trips.Should().Be(2);
    }

    [Fact]
    public void What_could_not_be_seen_was_not_calm()
    {
        var clock = new FakeTimeProvider();
        var latch = new RailLatch();
        latch.Update(true, Calm, clock);
        clock.Advance(Calm);
        latch.Extend(clock);
        latch.Update(false, Calm, clock);
        latch.IsHolding.Should().BeTrue();
    }
}
