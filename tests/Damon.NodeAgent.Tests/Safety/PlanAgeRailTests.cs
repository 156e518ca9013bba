using Damon.NodeAgent.Safety;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class PlanAgeRailTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(0, 3600, null)]
    [InlineData(0, 3601, SafetyRail.PlanStale)]
    [InlineData(3000, 600, null)]
    [InlineData(3000, 601, SafetyRail.PlanStale)]
    [InlineData(4000, 0, SafetyRail.PlanStale)]
    public void Enforce_decays_an_hour_after_the_last_contact_across_restarts(int ageAtStart, int seconds, SafetyRail? expected)
    {
        var rail = new PlanAgeRail(_clock, TimeSpan.FromSeconds(ageAtStart));
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        rail.Check(SafetyLimits.Default).Rail.Should().Be(expected);
        rail.Contact();
        rail.Check(SafetyLimits.Default).Should().Be(RailState.Clear);
    }

    [Fact]
    public void Without_any_contact_nothing_is_enforced() => new PlanAgeRail(_clock, null).Check(SafetyLimits.Default).Rail.Should().Be(SafetyRail.PlanStale);

    [Fact]
    public void Off_holds_at_once_whatever_the_age() =>
        new PlanAgeRail(_clock, TimeSpan.Zero) { IsOff = true }.Check(SafetyLimits.Default).Rail.Should().Be(SafetyRail.Off);
}
