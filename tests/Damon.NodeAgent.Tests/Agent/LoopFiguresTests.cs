using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Engine.Machine;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

public class LoopFiguresTests
{
    private static readonly PodName First = new("shop", "first");

    [Fact]
    public void Nothing_is_told_before_the_first_turn()
    {
        using var world = new LoopWorld();
        (world.Loop.Figures, world.Loop.LastTurn).Should().Be((null, null));

        world.Loop.Turn();

        world.Loop.LastTurn.Should().Be(world.Time.GetTimestamp());
        world.Loop.Figures!.HasPlan.Should().BeFalse();
        world.Loop.Figures.Mode.Should().Be(ClusterMode.Observe, "nobody has said how far to go");
    }

    [Fact]
    public void What_was_done_and_what_would_have_been_is_told_apart_and_no_counter_falls()
    {
        using var world = new LoopWorld();
        Populate(world, "first");
        world.PutConfig("Observe");
        world.Run(120);
        var observed = Scheme(world);
        (observed.Effects.AppliedBytes, observed.Mode).Should().Be((0UL, ClusterMode.Observe));
        observed.Effects.WouldApplyBytes.Should().Be(LoopWorld.Bytes);
        Pod(world).Effects.Should().Be(new SchemeEffects { WouldApplyBytes = LoopWorld.Bytes });

        // What was done last is told a second later.
        world.PutConfig("Enforce");
        world.Run(122);
        var enforced = Scheme(world);
        enforced.Effects.WouldApplyBytes.Should().Be(LoopWorld.Bytes, "a prediction never adds up with a measurement");
        enforced.Effects.AppliedBytes.Should().BeGreaterThanOrEqualTo(LoopWorld.Bytes);
        var pod = Pod(world);
        (pod.Effects.AppliedBytes, pod.Effects.WouldApplyBytes).Should().Be((enforced.Effects.AppliedBytes, LoopWorld.Bytes));

        // Off ends the session, and its counters with it.
        world.PutConfig("Off");
        world.Run(10);
        world.Loop.Session.Should().BeNull();
        Scheme(world).Effects.AppliedBytes.Should().Be(enforced.Effects.AppliedBytes);
        world.PutConfig("Enforce");
        world.Run(120);
        Scheme(world).Effects.AppliedBytes.Should().BeGreaterThan(enforced.Effects.AppliedBytes);
        world.Loop.Figures!.Own.Probes.Should().BeGreaterThan(0);
    }

    [Fact]
    public void All_memory_that_is_looked_at_is_in_the_histogram_once()
    {
        using var world = new LoopWorld();
        Populate(world, "first", "second");

        // What a scheme acts on begins its age anew, so this one never does.
        world.PutPlan(PlanDocuments.Scheme("later", LoopWorld.Cold.Replace("20s", "1h", StringComparison.Ordinal)));
        world.Run(200);

        var figures = world.Loop.Figures!;
        figures.Memory.MonitoredBytes.Should().Be(2 * LoopWorld.Bytes);
        figures.Memory.AccessedBytes.Should().Be(0);
        figures.Memory.IdleForBytes(IdleHistogram.WorkingSetWindow).Should().Be(2 * LoopWorld.Bytes, "nothing was accessed for longer");
        figures.Pods.Select(pod => pod.Memory.MonitoredBytes).Should().Equal(LoopWorld.Bytes, LoopWorld.Bytes);
        figures.Sessions.Should().ContainSingle().Which.Should().Match<SessionFigures>(session =>
            session.Backend == MonitoringBackend.IdlePage && session.Targets == 2 && session.DetectionLatency == session.Intervals.Aggregation * 2);
        Scheme(world).DetectionLatency.Should().Be(world.Scheme("later").DetectionLatency).And.BeGreaterThan(TimeSpan.FromHours(1));
    }

    [Fact]
    public void A_new_plan_is_told_of_within_a_tenth_of_a_second_and_nothing_new_once_a_second()
    {
        using var world = new LoopWorld();
        Populate(world, "first");
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        world.Run(5.5);
        var before = world.Loop.Figures;
        world.PutPlan(PlanDocuments.Scheme("other", LoopWorld.Cold));
        world.Run(0.11);
        world.Loop.Figures!.Schemes.Select(scheme => scheme.Name).Should().Equal("other");
        before.Should().NotBeSameAs(world.Loop.Figures);

        var told = new HashSet<object>(ReferenceEqualityComparer.Instance);
        world.Run(TimeSpan.FromSeconds(10), () => told.Add(world.Loop.Figures!));
        told.Count.Should().BeInRange(9, 12);
    }

    [Fact]
    public void Every_container_is_counted_in_one_state()
    {
        using var world = new LoopWorld();
        Populate(world, "first");
        world.AddPod(edit: record => record with { Name = "hidden", Namespace = "kube-system" });
        world.AddPod(edit: record => record with { Name = "waiting", Containers = [.. record.Containers.Select(one => one with { Running = false, RuntimeId = "" })] });
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        world.Run(20);

        world.Loop.Figures!.Containers.Should().BeEquivalentTo(new Dictionary<ContainerState, int>
        {
            [ContainerState.Monitored] = 1,
            [ContainerState.Protected] = 1,
            [ContainerState.NotRunning] = 1,
        });
    }

    [Fact]
    public void The_agent_itself_is_never_looked_at()
    {
        using var world = new LoopWorld();
        world.AddPod(edit: Named("first")).Containers[0].Fork(LoopWorld.OwnPid);
        Populate(world, "second");
        world.Run(20);

        world.Loop.Session!.Targets.Should().HaveCount(2).And.NotContain(target => target.Id == LoopWorld.OwnPid);
    }

    [Fact]
    public void A_heatmap_is_drawn_from_when_it_is_asked_for()
    {
        using var world = new LoopWorld();
        Populate(world, "first");
        world.Run(30);
        world.Loop.AskHeatmap(First).Availability.Should().Be(HeatmapAvailability.Recording);

        world.Run(60);

        var answer = world.Loop.AskHeatmap(First);
        answer.Availability.Should().Be(HeatmapAvailability.Ready);
        var target = answer.Heatmap!.Targets.Should().ContainSingle().Subject;
        (target.Container, target.Rows.Count).Should().Match<(string Container, int Rows)>(one => one.Container == "c0" && one.Rows > 0);
    }

    [Fact]
    public void A_node_that_is_labelled_paused_is_left_alone_until_it_no_longer_is()
    {
        using var world = new LoopWorld();
        Populate(world, "first");
        world.Inbox.PutPaused(isPaused: true);
        world.Run(120);
        world.Done.Should().BeEmpty();
        (Scheme(world).State, Scheme(world).Reason, world.Loop.Figures!.Mode).Should().Be((NodeSchemeState.Stopped, PlanReasons.NodeOff, ClusterMode.Off));

        world.Inbox.PutPaused(isPaused: false);
        world.Run(120);
        world.Done.Should().NotBeEmpty();
        world.Loop.Figures!.Mode.Should().Be(ClusterMode.Enforce);
    }

    [Theory]
    [InlineData(0.005, 0.005)]
    [InlineData(0.5, 0.02)]
    [InlineData(null, 0.02)]
    public void The_smaller_ceiling_counts(double? flag, double expected)
    {
        using var world = new LoopWorld(cpuCeiling: flag);
        world.Run(2);
        world.Loop.Figures!.Own.CpuCeiling.Should().Be(expected);
    }

    [Theory]
    [InlineData(0.001, 0, 4)]
    [InlineData(0.05, 4, 16)]
    public void Where_the_ceiling_is_tight_the_loop_looks_less_often_and_still_finds_a_process_within_seconds(double cpuShare, double from, double to)
    {
        using var world = new LoopWorld();
        world.OnTime = () => world.OwnCpu = world.Now * cpuShare;
        Populate(world, "first");
        world.Run(300);

        var seen = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            world.Run(1.3);
            var before = world.Snapshot.Containers.Single().Processes;
            world.Pods.Single().Containers.Single().Fork();
            var at = world.Now;
            while (world.Snapshot.Containers.Single().Processes == before && world.Now - at < TimeSpan.FromSeconds(60))
            {
                world.Run(0.1);
            }

            seen.Add((world.Now - at).TotalSeconds);
        }

        seen.Max().Should().BeInRange(from, to);
    }

    /// <summary>Rails are read every five seconds, and figures are summed up as seldom here. What a rail finds does not wait for the second: where its turn comes soon after the change, the trip is told soon.</summary>
    [Fact]
    public void A_trip_is_told_at_once_however_tight_the_ceiling_is()
    {
        var told = new List<double>();
        for (var offset = 0; offset < 5; offset++)
        {
            using var world = new LoopWorld();
            world.OnTime = () => world.OwnCpu = world.Now * 0.05;
            Populate(world, "first");
            world.Run(300 + offset);

            // News are told when they come: summing up is then due five seconds later, whenever the rails are.
            world.Report();
            world.Run(0.5);
            world.Snapshot.Node.TransitionCount.Should().Be(0);
            world.Host.Write("/proc/pressure/memory", RailPod.Pressure(some10: 50, some60: 50));
            var at = world.Now;
            while (world.Snapshot.Node.TransitionCount == 0 && world.Now - at < TimeSpan.FromSeconds(30))
            {
                world.Run(0.1);
            }

            told.Add((world.Now - at).TotalSeconds);
        }

        told.Max().Should().BeLessThan(5.5);
        told.Min().Should().BeLessThan(1.5);
    }

    [Fact]
    public void Modules_may_be_switched_off_as_the_configuration_says_and_the_machine_is_read_again_while_nothing_senses()
    {
        using var world = new LoopWorld();
        world.PutConfig("Observe", ""","exclusiveModules":["Stat","LruSort"]""");
        world.Run(200);
        world.ExclusiveModules.Should().BeEquivalentTo([DamonModule.Stat, DamonModule.LruSort]);
        world.Refreshes.Should().BeInRange(3, 5);

        Populate(world, "first");
        world.Run(10);
        var before = world.Refreshes;
        world.Run(200);
        world.Refreshes.Should().Be(before, "the kernel's DAMON would be found in use, by us");
    }

    private static Func<PodRecord, PodRecord> Named(string name) => record => record with { Name = name };

    private static void Populate(LoopWorld world, params string[] names)
    {
        foreach (var name in names)
        {
            world.AddPod(edit: Named(name));
        }

        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
    }

    private static SchemeFigures Scheme(LoopWorld world) => world.Loop.Figures!.Schemes.Single();

    private static PodFigures Pod(LoopWorld world) => world.Loop.Figures!.Pods.Single(pod => pod.Pod == First);
}
