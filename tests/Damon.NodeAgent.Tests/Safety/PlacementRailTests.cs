using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.NodeAgent.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Safety;

public class PlacementRailTests
{
    private const string Zones = """
        Node 0, zone      DMA
          pages free     3840
                min      35
                high     51
        Node 0, zone   Normal
          pages free     100
                high     200
        Node 1, zone   Normal
          pages free     1000
                high     990
        Node 2, zone   Normal
          pages free     990
                high     990

        """;

    // allowed nodes, destination → the rail, room in pages
    [Theory]
    [InlineData("0-1", 0, null, 3789)]
    [InlineData("0-1", 1, null, 10)]
    [InlineData("0", 1, SafetyRail.Placement, 0)]
    [InlineData("0-2", 2, SafetyRail.Placement, 0)]
    [InlineData("0-3", 3, SafetyRail.RailUnmeasurable, 0)]
    [InlineData("", 1, SafetyRail.RailUnmeasurable, 0)]
    [InlineData("1,0", 1, SafetyRail.RailUnmeasurable, 0)]
    public void Pages_go_only_to_allowed_nodes_that_have_room(string mems, int node, SafetyRail? expected, ulong pages)
    {
        using var host = FakeHost.With(("/g/cpuset.mems.effective", mems + "\n"), ("/proc/zoneinfo", Zones));
        using var rail = Rail(host, new FakeTimeProvider());
        rail.Check(SafetyLimits.Default, node, out var room).Rail.Should().Be(expected);
        room.Should().Be(pages * 4096);
    }

    [Fact]
    public void A_cpuset_that_shrinks_is_seen_a_second_later()
    {
        using var host = FakeHost.With(("/g/cpuset.mems.effective", "0-1\n"), ("/proc/zoneinfo", Zones));
        var clock = new FakeTimeProvider();
        using var rail = Rail(host, clock);
        rail.Check(SafetyLimits.Default, 1, out _).Rail.Should().BeNull();
        host.Write("/g/cpuset.mems.effective", "0\n");
        clock.Advance(TimeSpan.FromSeconds(1));
        rail.Check(SafetyLimits.Default, 1, out _).Rail.Should().Be(SafetyRail.Placement);
    }

    // The container's own group, its pod's, the hierarchy's root; whether node 1 is allowed. A group without the file has what the nearest group above has.
    [Theory]
    [InlineData("0-1", "0", "0", null)]
    [InlineData("0", "0-1", "0-1", SafetyRail.Placement)]
    [InlineData(null, "0-1", "0", null)]
    [InlineData(null, "0", "0-1", SafetyRail.Placement)]
    [InlineData(null, null, "0-1", null)]
    [InlineData(null, null, null, SafetyRail.RailUnmeasurable)]
    public void The_nearest_cpuset_decides(string? own, string? pods, string? roots, SafetyRail? expected)
    {
        using var host = FakeHost.With(("/proc/zoneinfo", Zones), ("/cg/pod/app/cgroup.procs", ""));
        foreach (var (group, mems) in (ReadOnlySpan<(string, string?)>)[("/cg/pod/app", own), ("/cg/pod", pods), ("/cg", roots)])
        {
            _ = mems is null ? host : host.Write(group + "/cpuset.mems.effective", mems + "\n");
        }

        var clock = new FakeTimeProvider();
        using var rail = Rail(host, clock, "/cg/pod/app");
        rail.Check(SafetyLimits.Default, 1, out _).Rail.Should().Be(expected);

        // A group that is gone has none, whatever those above it have.
        host.Remove("/cg/pod/app");
        clock.Advance(TimeSpan.FromSeconds(1));
        rail.Check(SafetyLimits.Default, 1, out _).Rail.Should().Be(SafetyRail.RailUnmeasurable);
    }

    [Fact]
    public void A_controller_that_is_switched_on_later_is_heeded()
    {
        using var host = FakeHost.With(("/proc/zoneinfo", Zones), ("/cg/app/cgroup.procs", ""), ("/cg/cpuset.mems.effective", "0-1\n"));
        var clock = new FakeTimeProvider();
        using var rail = Rail(host, clock, "/cg/app");
        rail.Check(SafetyLimits.Default, 1, out _).Rail.Should().BeNull();
        host.Write("/cg/app/cpuset.mems.effective", "0\n");
        clock.Advance(TimeSpan.FromSeconds(1));
        rail.Check(SafetyLimits.Default, 1, out _).Rail.Should().Be(SafetyRail.Placement);
    }

    [Fact]
    public void Free_memory_is_read_anew_unless_something_older_is_enough()
    {
        using var host = FakeHost.With(("/g/cpuset.mems.effective", "0-1\n"), ("/proc/zoneinfo", Zones));
        var clock = new FakeTimeProvider();
        using var rail = Rail(host, clock);
        rail.Check(SafetyLimits.Default, 1, out _).Rail.Should().BeNull();
        host.Write("/proc/zoneinfo", Zones.Replace("1000", "990", StringComparison.Ordinal));
        rail.Check(SafetyLimits.Default, 1, out var room, TimeSpan.FromSeconds(1)).Rail.Should().BeNull();
        room.Should().Be(10 * 4096);
        rail.Check(SafetyLimits.Default, 1, out _).Rail.Should().Be(SafetyRail.Placement);
        host.Write("/proc/zoneinfo", Zones);
        clock.Advance(TimeSpan.FromSeconds(1));
        rail.Check(SafetyLimits.Default, 1, out _, TimeSpan.FromSeconds(1)).Rail.Should().BeNull();
    }

    [Fact]
    public void A_machine_without_cpusets_is_unmeasurable_and_may_be_accepted()
    {
        using var host = FakeHost.With(("/proc/zoneinfo", Zones));
        using var rail = Rail(host, new FakeTimeProvider());
        rail.Check(SafetyLimits.Default, 1, out _).Rail.Should().Be(SafetyRail.RailUnmeasurable);
        rail.Check(SafetyLimits.Default with { AcceptsUnmeasurable = true }, 1, out var room).Rail.Should().BeNull();
        room.Should().Be(10 * 4096);
    }

    [Fact]
    public void Mappings_that_are_bound_are_found_by_their_start()
    {
        using var host = FakeHost.With(
            ("/proc/7/numa_maps", "1000 default file=/a N0=1\n3000 bind:0-1 anon=2\n5000 prefer:1\n7000 bind=static:1 heap\n9000 interleave:0-1\n"),
            ("/proc/7/maps", "1000-2000 r-xp 00000000 08:01 5 /a\n3000-5000 rw-p 00000000 00:00 0\n5000-6000 rw-p 00000000 00:00 0\n7000-8000 rw-p 00000000 00:00 0 [heap]\n9000-a000 rw-p 00000000 00:00 0\n"));
        using var rail = Rail(host, new FakeTimeProvider());
        var bound = new AddressRangeList();
        rail.TryFindBound(7, bound).Should().BeTrue();
        bound.Ranges.ToArray().Should().Equal(new AddressRange(0x3000, 0x5000), new AddressRange(0x7000, 0x8000));
    }

    [Theory]
    [InlineData("3000 bind:0\n", "5000-6000 rw-p 00000000 00:00 0\n")]
    [InlineData("3000\n", "3000-4000 rw-p 00000000 00:00 0\n")]
    [InlineData(null, "")]
    public void What_cannot_be_known_of_a_process_s_policies_forbids_moving_it(string? policies, string maps)
    {
        using var host = FakeHost.With(("/proc/7/maps", maps));
        if (policies is not null)
        {
            host.Write("/proc/7/numa_maps", policies);
        }

        using var rail = Rail(host, new FakeTimeProvider());
        rail.TryFindBound(7, new AddressRangeList()).Should().BeFalse();
    }

    private static PlacementRail Rail(FakeHost host, FakeTimeProvider clock, string directory = "/g")
    {
        var reader = new HostReader(1 << 20);
        return new PlacementRail(host.Root, directory, new NodeRooms(host.Root, 4096, reader, clock), reader, clock);
    }
}
