using Damon.Engine.Host;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class FloorRailTests
{
    private const string Group = "/sys/fs/cgroup/a";
    private const ulong MiB = 1 << 20;

    // current, request, memory.min, memory.low → how much may go; all in MiB
    [Theory]
    [InlineData(1024, 0, 0, 0, 960)]
    [InlineData(64, 0, 0, 0, 0)]
    [InlineData(65, 0, 0, 0, 1)]
    [InlineData(10, 0, 0, 0, 0)]
    [InlineData(1024, 1000, 0, 0, 524)]
    [InlineData(500, 1000, 0, 0, 0)]
    [InlineData(1024, 100, 0, 0, 960)]
    [InlineData(1024, 0, 700, 0, 324)]
    [InlineData(1024, 0, 0, 800, 224)]
    [InlineData(1024, 1800, 700, 800, 124)]
    public void What_may_go_is_what_lies_above_the_highest_floor(ulong current, ulong request, ulong min, ulong low, ulong headroom)
    {
        using var host = Host($"{current * MiB}", $"{min * MiB}", $"{low * MiB}");
        using var rail = Rail(host, new FakeTimeProvider(), request * MiB);

        rail.Check(SafetyLimits.Default).Should().Be(RailState.Clear);
        rail.HeadroomBytes.Should().Be(headroom * MiB);
    }

    [Fact]
    public void Protection_without_limit_lets_nothing_go()
    {
        using var host = Host($"{1024 * MiB}", "0", "max");
        using var rail = Rail(host, new FakeTimeProvider());
        rail.Check(SafetyLimits.Default);
        rail.HeadroomBytes.Should().Be(0);
    }

    [Fact]
    public void What_has_just_left_counts_at_once()
    {
        using var host = Host($"{164 * MiB}", "0", "0");
        using var rail = Rail(host, new FakeTimeProvider());
        rail.Check(SafetyLimits.Default);
        rail.Charge(60 * MiB);
        rail.HeadroomBytes.Should().Be(40 * MiB);
        rail.Charge(60 * MiB);
        rail.HeadroomBytes.Should().Be(0);
    }

    [Fact]
    public void A_change_of_protection_is_seen_within_half_a_minute()
    {
        using var host = Host($"{1024 * MiB}", "0", "0");
        var clock = new FakeTimeProvider();
        using var rail = Rail(host, clock);
        rail.Check(SafetyLimits.Default);
        host.Write(Group + "/memory.low", $"{1000 * MiB}");
        clock.Advance(TimeSpan.FromSeconds(30));
        rail.Check(SafetyLimits.Default);
        rail.HeadroomBytes.Should().Be(24 * MiB);
    }

    [Theory]
    [InlineData("memory.current", null)]
    [InlineData("memory.min", null)]
    [InlineData("memory.low", null)]
    [InlineData("memory.current", "12 kB")]
    [InlineData("memory.current", "")]
    public void What_cannot_be_read_lets_nothing_go_unless_accepted(string file, string? content)
    {
        using var host = Host("1", "0", "0");
        _ = content is null ? host.Remove($"{Group}/{file}") : host.Write($"{Group}/{file}", content);
        using var rail = Rail(host, new FakeTimeProvider());

        rail.Check(SafetyLimits.Default).Rail.Should().Be(SafetyRail.RailUnmeasurable);
        rail.HeadroomBytes.Should().Be(0);
        rail.Check(SafetyLimits.Default with { AcceptsUnmeasurable = true }).Should().Be(RailState.Clear);
        rail.HeadroomBytes.Should().Be(ulong.MaxValue);
    }

    private static FakeHost Host(string current, string min, string low) =>
        FakeHost.With((Group + "/memory.current", current + "\n"), (Group + "/memory.min", min + "\n"), (Group + "/memory.low", low + "\n"));

    private static FloorRail Rail(FakeHost host, FakeTimeProvider clock, ulong request = 0) => new(host.Root, Group, request, new HostReader(4096), clock);
}
