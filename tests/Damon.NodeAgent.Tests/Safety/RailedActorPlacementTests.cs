using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Safety;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Safety;

/// <summary>What the rail of placement does to an action: before measuring, and again before moving.</summary>
public sealed class RailedActorPlacementTests : IDisposable
{
    private const ulong Page = 4096;
    private const string Mems = RailPod.App + "/cpuset.mems.effective";
    private static readonly AddressRange Range = new(0x10000, 0x20000);
    private static readonly MemoryAction ToNode1 = new(SchemeAction.MigrateCold, [new(1)]);

    private readonly RailPod _pod = new();
    private readonly ScriptedMemory _memory = new();

    public RailedActorPlacementTests()
    {
        _pod.Host.Write(Mems, "0-2\n").Write("/proc/zoneinfo", Zones(1000)).Write("/proc/7/numa_maps", "10000 default\n").Write("/proc/7/maps", "");
        _pod.Book.Track(_pod.Target, SafetyLimits.Default);
    }

    [Theory]
    [InlineData("room", null)]
    [InlineData("no room", "Placement")]
    [InlineData("not allowed", "Placement")]
    [InlineData("no cpusets", "RailUnmeasurable")]
    [InlineData("no zones", "RailUnmeasurable")]
    [InlineData("no policies", "Placement")]
    public void Pages_are_measured_and_moved_only_where_they_may_go(string what, string? heldBy)
    {
        _ = what switch
        {
            "no room" => _pod.Host.Write("/proc/zoneinfo", Zones(0)),
            "not allowed" => _pod.Host.Write(Mems, "0,2\n"),
            "no cpusets" => _pod.Host.Remove(Mems),
            "no zones" => _pod.Host.Remove("/proc/zoneinfo"),
            "no policies" => _pod.Host.Remove("/proc/7/numa_maps"),
            _ => _pod.Host,
        };
        using var actor = Actor();

        actor.Measure(ToNode1, Range, ulong.MaxValue, out var reach).Should().Be(heldBy is null ? ActionOutcome.Applied : ActionOutcome.Held);
        actor.LastError.Should().Be(heldBy ?? "");
        reach.ReachableBytes.Should().Be(heldBy is null ? Range.SizeBytes : 0);
        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(heldBy is null ? ActionOutcome.Applied : ActionOutcome.Held);
        actor.Admit(ToNode1, [Range], default, out _, out _).Should().Be(heldBy is null ? ActionOutcome.Applied : ActionOutcome.Held);
        _memory.Applied.Should().HaveCount(heldBy is null ? 1 : 0);

        // Other actions have nothing to do with it.
        actor.Measure(SchemeAction.Pageout, Range, ulong.MaxValue, out _).Should().Be(ActionOutcome.Applied);
    }

    [Fact]
    public void A_node_that_fills_up_between_measuring_and_moving_gets_nothing()
    {
        using var actor = Actor();
        actor.Measure(ToNode1, Range, ulong.MaxValue, out _).Should().Be(ActionOutcome.Applied);
        _pod.Host.Write("/proc/zoneinfo", Zones(0));

        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.Held);

        actor.LastError.Should().Be("Placement");
        _memory.Applied.Should().BeEmpty();
        _pod.Book.Log.Trips(SafetyRail.Placement).Should().Be(1);
    }

    [Fact]
    public void No_more_is_measured_and_moved_than_there_is_room_for()
    {
        _pod.Host.Write("/proc/zoneinfo", Zones(3));
        using var actor = Actor();

        actor.Measure(ToNode1, Range, ulong.MaxValue, out var reach);
        reach.ReachableBytes.Should().Be(3 * Page);
        actor.Apply(ToNode1, [Range]).AdvisedBytes.Should().Be(3 * Page);

        // Of two destinations each gets half, and the fuller one decides; one of weight 0 gets nothing.
        actor.Admit(new(SchemeAction.MigrateCold, [new(1), new(2)]), [Range], default, out _, out var room).Should().Be(ActionOutcome.Applied);
        room.Should().Be(2 * 3 * Page);
        actor.Admit(new(SchemeAction.MigrateCold, [new(3, 0), new(2)]), [Range], default, out _, out room).Should().Be(ActionOutcome.Applied);
        room.Should().Be(1000 * Page);
    }

    [Fact]
    public void One_destination_that_is_shut_holds_the_action()
    {
        using var actor = Actor();
        actor.Admit(new(SchemeAction.MigrateCold, [new(2), new(3)]), [Range], default, out var admitted, out _).Should().Be(ActionOutcome.Held);
        admitted.Should().BeEmpty();
        actor.LastError.Should().Be("Placement");
    }

    [Fact]
    public void Pages_of_bound_mappings_are_neither_measured_nor_moved()
    {
        // Pages 2 to 4, and all from page 12 on.
        _pod.Host.Write("/proc/7/numa_maps", "12000 bind:0 anon=3\n1c000 bind:0\n").Write("/proc/7/maps", "12000-15000 rw-p 00000000 00:00 0\n1c000-30000 rw-p 00000000 00:00 0\n");
        using var actor = Actor();
        AddressRange[] free = [new(0x10000, 0x12000), new(0x15000, 0x1c000)];

        actor.Measure(ToNode1, Range, ulong.MaxValue, out var reach).Should().Be(ActionOutcome.Applied);
        reach.Should().Be(new Reach(Range.End, 9 * Page));
        actor.Measure(ToNode1, Range, 3 * Page, out reach);
        reach.Should().Be(new Reach(0x16000, 3 * Page));
        actor.Measure(ToNode1, Range, 2 * Page, out reach);
        reach.Should().Be(new Reach(0x12000, 2 * Page));
        actor.Admit(ToNode1, [Range], default, out var admitted, out _);
        admitted.Should().Equal(free);
        actor.Apply(ToNode1, [Range]);
        _memory.Applied.Should().Equal(free);

        actor.Apply(ToNode1, [new(0x12000, 0x14000)]);
        _memory.Applied.Should().Equal(free);
        actor.Admit(ToNode1, [new(0x12000, 0x14000)], default, out _, out _).Should().Be(ActionOutcome.Held);
        actor.LastError.Should().Be("Placement");
    }

    [Fact]
    public void Policies_are_read_once_a_minute()
    {
        using var actor = Actor();
        actor.Admit(ToNode1, [Range], default, out _, out _).Should().Be(ActionOutcome.Applied);
        _pod.Host.Write("/proc/7/numa_maps", "10000 bind:0\n").Write("/proc/7/maps", "10000-20000 rw-p 00000000 00:00 0\n");
        actor.Admit(ToNode1, [Range], default, out _, out _).Should().Be(ActionOutcome.Applied);

        _pod.Wait(60);

        actor.Admit(ToNode1, [Range], default, out _, out _).Should().Be(ActionOutcome.Held);
    }

    [Fact]
    public void Without_a_process_nothing_is_moved()
    {
        using var actor = new RailedActor(_memory, _pod.Book, RailPod.Uid, RailPod.Container);
        actor.Apply(ToNode1, [Range]).Outcome.Should().Be(ActionOutcome.Held);
        _memory.Applied.Should().BeEmpty();
    }

    [Fact]
    public void A_rail_that_holds_for_one_node_and_not_for_another_is_not_one_that_comes_and_goes()
    {
        _pod.Host.Write(Mems, "0,2\n");
        using var actor = Actor();
        for (var i = 0; i < 5; i++)
        {
            actor.Measure(ToNode1, Range, ulong.MaxValue, out _).Should().Be(ActionOutcome.Held);
            actor.Measure(new(SchemeAction.MigrateHot, [new(2)]), Range, ulong.MaxValue, out _).Should().Be(ActionOutcome.Applied);
            _pod.Wait(5);
        }

        _pod.Book.Log.Trips(SafetyRail.Placement).Should().Be(1);
        _pod.Book.Log.BackOff(SafetyRail.Placement).Should().Be(TimeSpan.FromSeconds(20));
        var transitions = new List<RailTransition>();
        _pod.Book.Log.TakeTransitions(transitions);
        transitions.Should().BeEmpty("a full tier is nothing that went wrong");
    }

    public void Dispose()
    {
        _pod.Dispose();
        _memory.Dispose();
    }

    private static string Zones(int freePages) =>
        $"Node 0, zone Normal\n  pages free 5000\n        high 0\nNode 1, zone Normal\n  pages free {freePages}\n        high 0\nNode 2, zone Normal\n  pages free 1000\n        high 0\n";

    private RailedActor Actor() => new(_memory, _pod.Book, RailPod.Uid, RailPod.Container, stalls: null, new ProcessIdentity(7, 1), _pod.Clock);
}
