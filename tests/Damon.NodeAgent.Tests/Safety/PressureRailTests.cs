using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class PressureRailTests
{
    private const string Path = "/proc/pressure/memory";

    [Theory]
    [InlineData("1.00", "0.50", null)]
    [InlineData("1.01", "0.00", SafetyRail.Pressure)]
    [InlineData("0.00", "0.51", SafetyRail.Pressure)]
    [InlineData("0.00", "0.00", null)]
    public void It_holds_above_its_bounds_and_not_at_them(string average10, string average60, SafetyRail? expected)
    {
        using var host = FakeHost.With((Path, Line(average10, average60)));

        new PressureRail(host.Root, new FakeTimeProvider(), acceptsUnmeasurable: false).Check().Should().Be(expected);
    }

    [Fact]
    public void It_lets_go_after_two_minutes_of_calm_and_not_before()
    {
        using var host = FakeHost.With((Path, Line("5.00", "1.00")));
        var clock = new FakeTimeProvider();
        var rail = new PressureRail(host.Root, clock, acceptsUnmeasurable: false);
        rail.Check().Should().Be(SafetyRail.Pressure);
        host.Write(Path, Line("0.00", "0.00"));

        clock.Advance(TimeSpan.FromSeconds(119));
        rail.Check().Should().Be(SafetyRail.Pressure);
        clock.Advance(TimeSpan.FromSeconds(2));
        rail.Check().Should().BeNull();
        rail.Trips.Should().Be(1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("some avg10=\nfull")]
    public void What_cannot_be_measured_counts_as_tripped_unless_accepted(string? content)
    {
        using var host = new FakeHost();
        if (content is not null)
        {
            host.Write(Path, content);
        }

        new PressureRail(host.Root, new FakeTimeProvider(), acceptsUnmeasurable: false).Check().Should().Be(SafetyRail.RailUnmeasurable);
        new PressureRail(host.Root, new FakeTimeProvider(), acceptsUnmeasurable: true).Check().Should().BeNull();
    }

    private static string Line(string average10, string average60) =>
        $"some avg10={average10} avg60={average60} avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
}
