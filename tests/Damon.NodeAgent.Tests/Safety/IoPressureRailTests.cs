using Damon.Engine.Host;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class IoPressureRailTests
{
    private const string Path = "/io.pressure";

    [Theory]
    [InlineData(5.00, null)]
    [InlineData(5.01, SafetyRail.IoPressure)]
    public void It_holds_above_its_bound_and_not_at_it(double average10, SafetyRail? expected)
    {
        using var host = FakeHost.With((Path, RailPod.Pressure(average10)));
        Rail(host, new FakeTimeProvider()).Check(SafetyLimits.Default).Rail.Should().Be(expected);
    }

    [Fact]
    public void It_comes_back_at_half_the_budget()
    {
        using var host = FakeHost.With((Path, RailPod.Pressure(50)));
        var clock = new FakeTimeProvider();
        var rail = Rail(host, clock);
        rail.Check(SafetyLimits.Default).BudgetFactor.Should().Be(0);
        host.Write(Path, RailPod.Pressure());
        clock.Advance(TimeSpan.FromMinutes(2));
        rail.Check(SafetyLimits.Default).Should().BeEquivalentTo(new { Rail = (SafetyRail?)null, BudgetFactor = 0.5 });
        clock.Advance(TimeSpan.FromMinutes(2));
        rail.Check(SafetyLimits.Default).Should().Be(RailState.Clear);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("some avg10=0.00 avg60=0.0")]
    public void Without_io_pressure_it_is_unmeasurable(string? content)
    {
        using var host = new FakeHost();
        if (content is not null)
        {
            host.Write(Path, content);
        }

        Rail(host, new FakeTimeProvider()).Check(SafetyLimits.Default).Rail.Should().Be(SafetyRail.RailUnmeasurable);
        Rail(host, new FakeTimeProvider()).Check(SafetyLimits.Default with { AcceptsUnmeasurable = true }).Should().Be(RailState.Clear);
    }

    private static IoPressureRail Rail(FakeHost host, FakeTimeProvider clock) => new(new PressureGauge(host.Root, Path, new HostReader(4096), clock), clock);
}
