using Damon.Engine.Host;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public sealed class EmergencyRailTests : IDisposable
{
    private const string Events = "/pod/memory.events";
    private const string Memory = "/pod/memory.pressure";

    private readonly FakeTimeProvider _clock = new();
    private readonly FakeHost _host = FakeHost.With((Events, "oom 4\noom_kill 3\n"), (Memory, RailPod.Pressure()));
    private readonly HostReader _reader = new(4096);

    [Fact]
    public void A_kill_is_an_emergency_and_kills_before_the_first_look_are_not()
    {
        var rail = Rail();
        rail.Check(SafetyLimits.Default, false).Should().Be(RailState.Clear);
        _host.Write(Events, "oom 9\noom_kill 3\n");
        rail.Check(SafetyLimits.Default, false).Should().Be(RailState.Clear, "the killer was called and killed nobody of this pod");
        _host.Write(Events, "oom 9\noom_kill 4\n");
        rail.Check(SafetyLimits.Default, false).Rail.Should().Be(SafetyRail.Emergency);
    }

    [Theory]
    [InlineData(10.00, null)]
    [InlineData(10.01, SafetyRail.Emergency)]
    public void Nobody_getting_on_is_an_emergency(double full, SafetyRail? expected)
    {
        _host.Write(Memory, RailPod.Pressure(full, 0, full));
        Rail().Check(SafetyLimits.Default, false).Rail.Should().Be(expected);
    }

    [Fact]
    public void The_condition_of_the_node_is_an_emergency_even_where_nothing_can_be_measured()
    {
        _host.Remove(Memory);
        var rail = new EmergencyRail(SafetyRail.NodeEmergency, new PressureGauge(_host.Root, Memory, _reader, _clock), null, _clock);
        rail.Check(SafetyLimits.Default, false).Rail.Should().Be(SafetyRail.RailUnmeasurable);
        rail.Check(SafetyLimits.Default, true).Rail.Should().Be(SafetyRail.NodeEmergency);
    }

    [Theory]
    [InlineData(3599, SafetyRail.Emergency, 0)]
    [InlineData(3600, null, 0.5)]
    public void It_cools_down_for_an_hour_after_the_emergency_was_last_seen(int seconds, SafetyRail? expected, double factor)
    {
        var rail = Rail();
        rail.Check(SafetyLimits.Default, true);
        _clock.Advance(TimeSpan.FromMinutes(30));
        rail.Check(SafetyLimits.Default, true);
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        rail.Check(SafetyLimits.Default, false).Should().BeEquivalentTo(new { Rail = expected, BudgetFactor = factor });
    }

    [Theory]
    [InlineData("")]
    [InlineData("oom 3\n")]
    [InlineData("oom_kill\n")]
    public void Events_without_kills_are_unmeasurable(string content)
    {
        _host.Write(Events, content);
        Rail().Check(SafetyLimits.Default, false).Rail.Should().Be(SafetyRail.RailUnmeasurable);
        Rail().Check(SafetyLimits.Default with { AcceptsUnmeasurable = true }, false).Should().Be(RailState.Clear);
    }

    [Fact]
    public void Where_events_count_each_group_alone_the_containers_are_read_too()
    {
        _host.Write("/pod/c/memory.events", "oom_kill 1\n");
        using var kills = new OomKills(_host.Root, "/pod", _reader);
        kills.Add("/pod/c");
        kills.Read(out _);
        _host.Write("/pod/c/memory.events", "oom_kill 3\n");
        kills.Read(out var killed).Should().Be(HostErrorKind.None);
        killed.Should().Be(2);
        _host.Remove("/pod/c");
        kills.Read(out killed).Should().Be(HostErrorKind.Malformed, "an emptied file is no kernel's: a group that is gone says so by itself");
        kills.Remove("/pod/c");
        kills.Read(out killed).Should().Be(HostErrorKind.None);
        killed.Should().Be(0);
    }

    public void Dispose() => _host.Dispose();

    private EmergencyRail Rail() => new(SafetyRail.Emergency, new PressureGauge(_host.Root, Memory, _reader, _clock), new OomKills(_host.Root, "/pod", _reader), _clock);
}
