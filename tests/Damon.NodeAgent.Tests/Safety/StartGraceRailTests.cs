using Damon.NodeAgent.Safety;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class StartGraceRailTests
{
    // age in seconds when first seen (null: not known), seconds since then
    [Theory]
    [InlineData(0, 299, true)]
    [InlineData(0, 300, false)]
    [InlineData(100, 199, true)]
    [InlineData(100, 200, false)]
    [InlineData(5000, 0, false)]
    [InlineData(null, 299, true)]
    [InlineData(null, 300, false)]
    [InlineData(-9999, 299, true)]
    [InlineData(-9999, 300, false)]
    public void A_container_is_left_alone_for_five_minutes_after_its_start(int? age, int later, bool isHeld)
    {
        var clock = new FakeTimeProvider();
        clock.Advance(TimeSpan.FromDays(1));
        var rail = new StartGraceRail(clock, age is { } seconds ? clock.GetUtcNow() - TimeSpan.FromSeconds(seconds) : null);
        clock.Advance(TimeSpan.FromSeconds(later));
        rail.Check(SafetyLimits.Default).Rail.Should().Be(isHeld ? SafetyRail.StartGrace : null);
    }
}
