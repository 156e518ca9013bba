using Damon.Api.Nodes;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;
using Damon.Testing.KernelDamon;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>Schemes of the whole node in the agent's loop: the kernel carries them out, on the memory of those whom the rails let it.</summary>
public class NodeLoopNodeTests
{
    private const ulong MiB = NodeKernelWorld.MiB;
    private const ulong Budget = 8 * MiB;

    private static readonly string Observed = NodeKernelWorld.Cold.Replace("Enforce", "Observe", StringComparison.Ordinal);

    [Fact]
    public async Task Cold_memory_of_every_pod_that_may_be_touched_is_paged_out_and_nobody_elses()
    {
        await using var world = new NodeKernelWorld();
        var (web, db) = (world.AddPod(), world.AddPod());
        FakePod[] others =
        [
            world.AddPod(record => record with { Labels = Labels(ProtectionRules.OptOutLabel) }),
            world.AddPod(record => record with { NamespaceLabels = Labels(ProtectionRules.OptOutLabel) }),
            world.AddPod(record => record with { Namespace = "kube-system" }),
            world.AddPod(record => record with { Priority = ProtectionRules.SystemClusterCritical }),
            world.AddPod(qos: FakeQos.Guaranteed),
        ];
        var seen = new HashSet<string>();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));

        world.Run(30, () => seen.UnionWith(world.LetThrough()));

        world.GoneBytes(web).Should().Be(NodeKernelWorld.ContainerBytes);
        world.GoneBytes(db).Should().Be(NodeKernelWorld.ContainerBytes);
        seen.Should().BeEquivalentTo(NodeKernelWorld.PathsOf(web, db));
        world.Done.Should().OnlyContain(done => seen.Contains(done.Cgroup) && done.Action == "pageout");
        world.Done.GroupBy(done => done.At).Should().OnlyContain(pass => pass.Sum(done => (double)done.Bytes) <= Budget);
        others.Select(world.GoneBytes).Should().OnlyContain(bytes => bytes == 0);
        var scheme = world.Node.Scheme("cold");
        scheme.Should().Match<SchemeView>(view => view.State == NodeSchemeState.Active && view.Reason.Length == 0 && view.Targets == 2);
        scheme.Denied.Should().BeEquivalentTo(new Dictionary<string, int> { ["OptedOut"] = 2, ["ProtectedNamespace"] = 1, ["ProtectedPriority"] = 1 });
        scheme.Effect!.AwayBytes.Should().Be(2 * (long)NodeKernelWorld.ContainerBytes);
        world.Node.Loop.Figures!.Schemes[0].Effects.Should().Match<Damon.NodeAgent.Metrics.SchemeEffects>(effects =>
            effects.AppliedBytes == 2 * NodeKernelWorld.ContainerBytes && effects.AwayBytes == effects.AppliedBytes && effects.WouldApplyBytes == 0);
        world.Node.Loop.Figures.Pods.Where(pod => pod.Effects.AppliedBytes > 0).Should().HaveCount(2).And.OnlyContain(pod => pod.Effects.AppliedBytes == NodeKernelWorld.ContainerBytes);
        world.Node.Done.Should().BeEmpty("the agent itself acts on nobody");
        world.Node.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public async Task Until_the_configuration_allows_it_it_counts_and_says_why()
    {
        await using var world = new NodeKernelWorld();
        world.AddPod();
        world.Node.PutConfig("Enforce");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold), PlanDocuments.Scheme("count", """{"mode":"Enforce","action":{"type":"Stat"},"target":{"kind":"Node"},"quota":{"size":"8Mi"}}""", rank: 2));

        world.Run(60);

        world.Done.Should().BeEmpty();
        world.Node.Scheme("cold").Should().Match<SchemeView>(view => view.State == NodeSchemeState.Observing && view.Reason == "NodeTargetsNotAllowed");
        world.Node.Scheme("cold").Effect!.ColdBytes.Should().Be((long)NodeKernelWorld.ContainerBytes);
        world.Node.Scheme("count").State.Should().Be(NodeSchemeState.Active, "counting needs no leave");

        world.Node.PutConfig("Enforce", ",\"nodeTargets\":true");
        world.Run(10);

        world.Done.Should().NotBeEmpty();
        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Active);
        world.Kdamond.Context!.Now.Should().BeGreaterThan(60_000_000, "what the kernel has learned stays");
    }

    [Fact]
    public async Task What_is_observed_is_the_prediction_of_what_would_be_taken_and_nothing_is()
    {
        await using var world = new NodeKernelWorld();
        var pods = new[] { world.AddPod(), world.AddPod(), world.AddPod(record => record with { Labels = Labels(ProtectionRules.OptOutLabel) }), world.AddPod(qos: FakeQos.Guaranteed) };
        world.Node.PutPlan(PlanDocuments.Scheme("cold", Observed));
        world.Run(10);

        var predicted = world.Node.Scheme("cold").Effect!.ColdBytes;
        world.Done.Should().BeEmpty();
        world.Node.Loop.Figures!.Schemes[0].Effects.Should().Match<Damon.NodeAgent.Metrics.SchemeEffects>(effects => effects.AppliedBytes == 0 && effects.WouldBeAwayBytes == (ulong)predicted!);

        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(30);
        predicted.Should().Be((long)(world.GoneBytes(pods[0]) + world.GoneBytes(pods[1])));
    }

    [Fact]
    public async Task Where_the_kernel_cannot_be_had_it_is_unsupported_with_the_reason_and_schemes_of_pods_go_on()
    {
        await using var world = new NodeKernelWorld();
        var pod = world.AddPod();
        world.Node.Backends = requested => requested == RequestedBackend.Kernel
            ? new(null, nameof(CapabilityReason.NotInKernel), "The kernel has no DAMON sysfs interface.")
            : new(MonitoringBackend.IdlePage, "Available", "it is simulated");
        world.Node.PutPlan(PlanDocuments.Scheme("node", NodeKernelWorld.Cold, rank: 2), PlanDocuments.Scheme("pods", LoopWorld.Cold));

        world.Run(60);

        world.Node.Scheme("node").Should().Match<SchemeView>(view => view.State == NodeSchemeState.Unsupported && view.Reason == "NotInKernel" && view.Message.Contains("no DAMON", StringComparison.Ordinal));
        world.Node.Scheme("pods").State.Should().Be(NodeSchemeState.Active);
        world.Node.Done.Select(done => done.Owner).Should().Contain(pod.Containers[0]);
        world.Taken.Should().Be(0);
    }

    [Fact]
    public async Task On_a_kernel_that_cannot_end_a_scheme_by_itself_it_is_unsupported_observed_and_the_kernel_is_given_back()
    {
        await using var world = new NodeKernelWorld(FakeKernel.Debian612);
        world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(30);

        world.Node.Scheme("cold").Should().Match<SchemeView>(view => view.State == NodeSchemeState.Unsupported && view.Reason == "NoLease");
        (world.Taken, world.Released).Should().Be((1, 1), "it is not tried again and again");

        world.Node.PutPlan(PlanDocuments.Scheme("cold", Observed));
        world.Run(30);

        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Observing);
        (world.Taken, world.Released).Should().Be((2, 1));
        world.Done.Should().BeEmpty();
    }

    [Fact]
    public async Task A_pod_that_opts_out_drops_out_at_once_with_what_was_granted()
    {
        await using var world = new NodeKernelWorld();
        var (web, db) = (world.AddPod(), world.AddPod());
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(1.5);
        world.LetThrough().Should().Contain(NodeKernelWorld.PathsOf(web));
        var gone = world.GoneBytes(web);
        gone.Should().BeLessThan(NodeKernelWorld.ContainerBytes);

        world.Node.Edit(web, record => record with { Labels = Labels(ProtectionRules.OptOutLabel) });
        world.Node.Report();
        world.Run(0);

        world.LetThrough().Should().NotContain(NodeKernelWorld.PathsOf(web));
        world.Run(60);
        world.GoneBytes(web).Should().Be(gone);
        world.GoneBytes(db).Should().Be(NodeKernelWorld.ContainerBytes);
    }

    /// <summary>Each rail of a pod, tripped on one of two; the other pod's memory goes all the same.</summary>
    [Theory]
    [InlineData(SafetyRail.Pressure, NodeSchemeState.Backoff)]
    [InlineData(SafetyRail.IoPressure, NodeSchemeState.Backoff)]
    [InlineData(SafetyRail.Emergency, NodeSchemeState.Stopped)]
    [InlineData(SafetyRail.Floor, NodeSchemeState.Backoff)]
    [InlineData(SafetyRail.RailUnmeasurable, NodeSchemeState.Backoff)]
    [InlineData(SafetyRail.StartGrace, NodeSchemeState.Backoff)]
    public async Task A_pod_whose_rail_holds_drops_out_and_the_others_go_on(SafetyRail rail, NodeSchemeState stateOfAll)
    {
        await using var world = new NodeKernelWorld();
        var (held, free) = (world.AddPod(Started(DateTimeOffset.UnixEpoch.AddHours(-2))), world.AddPod(Started(DateTimeOffset.UnixEpoch.AddHours(-2))));
        world.Node.PutPlan(PlanDocuments.Scheme("cold", Observed));
        world.Run(6);
        Trip(world, held, rail);
        world.Run(6);
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));

        world.Run(30);

        world.GoneBytes(held).Should().Be(0);
        world.GoneBytes(free).Should().Be(NodeKernelWorld.ContainerBytes);
        world.Node.View(held.Containers[0]).HeldBy.Should().Be(rail.ToString());
        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Active);

        Trip(world, free, rail);
        world.Run(6);
        world.Node.Scheme("cold").Should().Match<SchemeView>(view => view.State == stateOfAll && view.Reason == rail.ToString() && view.Message.Length > 0);
        world.LetThrough().Should().BeEmpty();
    }

    [Theory]
    [InlineData(SafetyRail.Pressure)]
    [InlineData(SafetyRail.NodeEmergency)]
    public async Task A_rail_of_the_node_holds_everybody_and_goes_on_after_it(SafetyRail rail)
    {
        await using var world = new NodeKernelWorld();
        var pod = world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(1.5);
        var gone = world.GoneBytes(pod);
        if (rail == SafetyRail.Pressure)
            world.Node.Host.Write("/proc/pressure/memory", RailPod.Pressure(9));
        else
            world.Node.Inbox.PutMemoryPressure(isTrue: true);
        world.Run(3);
        var after = world.GoneBytes(pod);
        world.Run(60);

        (after - gone).Should().BeLessThanOrEqualTo(Budget, "what was granted before it tripped");
        world.GoneBytes(pod).Should().Be(after);
        world.Node.Scheme("cold").Reason.Should().Be(rail.ToString());

        if (rail == SafetyRail.Pressure)
        {
            world.Node.Host.Write("/proc/pressure/memory", RailPod.Pressure());
            world.Run(180);
            world.GoneBytes(pod).Should().Be(NodeKernelWorld.ContainerBytes);
        }
    }

    [Fact]
    public async Task Half_a_budget_is_every_other_window_of_it()
    {
        await using var world = new NodeKernelWorld();
        var (calm, shaken) = (world.AddPod(), world.AddPod());
        world.Node.PutPlan(PlanDocuments.Scheme("cold", Observed));
        world.Run(6);
        world.Node.Host.Write(shaken.Directory + "/memory.pressure", RailPod.Pressure(9));
        world.Run(6);
        world.Node.Host.Write(shaken.Directory + "/memory.pressure", RailPod.Pressure());
        world.Run(125);
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold.Replace("\"8Mi\"", "\"8Mi\",\"interval\":\"10s\"", StringComparison.Ordinal)));
        var takesPart = new List<(bool Calm, bool Shaken)>();

        world.Run(60, () =>
        {
            var now = world.LetThrough();
            if (now.Count > 0)
                takesPart.Add((NodeKernelWorld.PathsOf(calm).All(now.Contains), NodeKernelWorld.PathsOf(shaken).All(now.Contains)));
        });

        takesPart.Should().OnlyContain(one => one.Calm).And.Contain(one => one.Shaken).And.Contain(one => !one.Shaken);
        world.GoneBytes(shaken).Should().BeLessThanOrEqualTo(3 * Budget);
    }

    [Fact]
    public async Task What_comes_back_halves_the_budget_of_its_pod_and_at_last_stops_it()
    {
        await using var world = new NodeKernelWorld();
        var (cold, warm) = (world.AddPod(), world.AddPod());
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold.Replace("8Mi", "2Mi", StringComparison.Ordinal)));
        world.Run(40);
        for (var trip = 0; trip < 3; trip++)
        {
            world.Own(warm.Containers[0].Directory, warm.Directory, 4 * MiB, isAnonymous: true);
            world.Run(40);
            world.Refault(warm, 4 * MiB);
            world.Run(20);
        }

        world.Node.View(warm.Containers[0]).HeldBy.Should().Be(nameof(SafetyRail.Refault));
        var gone = world.GoneBytes(warm);
        world.Own(warm.Containers[0].Directory, warm.Directory, ContainerMore, isAnonymous: true);
        world.Own(cold.Containers[0].Directory, cold.Directory, ContainerMore, isAnonymous: true);
        world.Run(60);

        world.GoneBytes(warm).Should().Be(gone);
        world.GoneBytes(cold).Should().Be(NodeKernelWorld.ContainerBytes + ContainerMore);
        gone.Should().BeGreaterThan(NodeKernelWorld.ContainerBytes + (8 * MiB));
        world.Node.Snapshot.Node.Trips[SafetyRail.Refault].Should().BeGreaterThanOrEqualTo(3);
        world.Node.Loop.Figures!.Schemes[0].Effects.RefaultBytes.Should().BeGreaterThan(0);
        world.Node.Scheme("cold").Effect!.AwayBytes.Should().BeLessThan((long)(world.GoneBytes(warm) + world.GoneBytes(cold)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Anonymous_memory_stays_where_a_rail_of_swap_holds_it(bool isOfTheNode)
    {
        await using var world = new NodeKernelWorld();
        var (pod, other) = (world.AddPod(), world.AddPod());
        if (isOfTheNode)
            world.Node.Host.Write("/proc/meminfo", RailPod.Meminfo(0, 0));
        else
            world.Node.Host.Write(pod.Containers[0].Directory + "/memory.swap.max", "0\n");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));

        world.Run(30);

        world.GoneBytes(pod).Should().Be(NodeKernelWorld.ContainerBytes / 2);
        world.SwappedBytes(pod).Should().Be(0);
        world.GoneBytes(other).Should().Be(isOfTheNode ? NodeKernelWorld.ContainerBytes / 2 : NodeKernelWorld.ContainerBytes);
    }

    [Fact]
    public async Task No_pod_falls_below_its_floor()
    {
        await using var world = new NodeKernelWorld();
        var (small, large) = (world.AddPod(), world.AddPod());
        world.SetCurrent(small, 64 * MiB + (10 * MiB));
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));

        world.Run(60);

        world.GoneBytes(small).Should().BeInRange(4 * MiB, 10 * MiB);
        world.GoneBytes(large).Should().Be(NodeKernelWorld.ContainerBytes);
    }

    [Theory]
    [InlineData("Off")]
    [InlineData("Observe")]
    public async Task A_lower_mode_ends_what_was_granted_at_once(string mode)
    {
        await using var world = new NodeKernelWorld();
        var pod = world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(1.5);
        var gone = world.GoneBytes(pod);
        gone.Should().BeGreaterThan(0);
        world.Node.PutConfig(mode, ",\"nodeTargets\":true");

        world.Run(0);

        world.LetThrough().Should().BeEmpty();
        (world.Tree.Kdamonds.Count, world.Released).Should().Be(mode == "Off" ? (0, 1) : (2, 0));
        world.Run(60);
        world.GoneBytes(pod).Should().Be(gone);
        world.Node.Scheme("cold").State.Should().Be(mode == "Off" ? NodeSchemeState.Stopped : NodeSchemeState.Observing);
        world.Node.Told.Should().Contain(text => text.Contains("not taken back", StringComparison.Ordinal) && text.Contains("Pageout", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Off_is_heard_on_the_kernels_thread_while_the_loop_does_nothing()
    {
        await using var world = new NodeKernelWorld();
        var pod = world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", Observed));
        world.Run(5);
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));

        // It is heard while the kernel's thread prepares the first grant; the loop has no turn until that is done.
        world.Tree.OnCommand = command => world.Node.PutConfig("Off");
        world.Node.Loop.Turn();
        world.Node.IsWokenByKernel().Should().BeTrue();

        world.LetThrough().Should().BeEmpty();
        world.RunDead(TimeSpan.FromSeconds(30));
        world.GoneBytes(pod).Should().Be(0);
    }

    /// <summary>The dead-man law through the loop: whenever it stops turning, the kernel takes one budget more at the most, and nothing after the term.</summary>
    [Theory]
    [InlineData(0.3)]
    [InlineData(1.05)]
    [InlineData(2.1)]
    [InlineData(7.77)]
    public async Task When_the_agent_dies_at_most_one_budget_is_taken_and_nothing_after_thirty_seconds(double diesAfter)
    {
        await using var world = new NodeKernelWorld();
        world.AddPod();
        world.AddPod();
        world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(diesAfter);
        var (died, done) = (world.Node.Now, world.Done.Count);

        world.RunDead(TimeSpan.FromMinutes(10));

        var after = world.Done.Skip(done).ToList();
        after.Sum(one => (double)one.Bytes).Should().BeLessThanOrEqualTo(Budget);
        after.Should().NotContain(one => one.At > died + KernelLease.Term);
        world.Kdamond.IsRunning.Should().BeTrue("it looks on, until the next agent turns it off");
    }

    [Fact]
    public async Task When_the_agent_stops_grants_are_taken_back_and_the_kernel_is_given_back()
    {
        await using var world = new NodeKernelWorld();
        var pod = world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(1.5);
        var gone = world.GoneBytes(pod);

        world.Node.Loop.Stop();

        (world.Tree.Kdamonds.Count, world.Taken, world.Released).Should().Be((0, 1, 1));
        world.RunDead(TimeSpan.FromMinutes(1));
        world.GoneBytes(pod).Should().Be(gone);
        world.Node.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public async Task The_loop_goes_on_while_the_kernel_does_not_answer()
    {
        await using var world = new NodeKernelWorld();
        var pod = world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("node", NodeKernelWorld.Cold), PlanDocuments.Scheme("pods", LoopWorld.Cold.Replace("Enforce", "Observe", StringComparison.Ordinal), rank: 2));
        world.Run(3);
        using var silence = world.Silence();

        for (var turn = 0; turn < 60; turn++)
        {
            world.Node.Time.Advance(TimeSpan.FromSeconds(1));
            world.Node.Loop.Turn();
        }

        world.Node.Snapshot.At.Should().Be(world.Node.Clock.GetUtcNow());
        world.Node.Scheme("node").Should().Match<SchemeView>(view => view.State == NodeSchemeState.Degraded && view.Reason == "BackendLost" && view.Message.Contains("has not answered", StringComparison.Ordinal));
        world.Node.Scheme("pods").State.Should().Be(NodeSchemeState.Observing);

        silence.End();
        world.Run(30);
        world.Node.Scheme("node").State.Should().Be(NodeSchemeState.Active);
        world.GoneBytes(pod).Should().Be(NodeKernelWorld.ContainerBytes);
        world.Node.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public async Task A_round_of_which_nothing_is_known_leaves_what_was_granted_before_counted()
    {
        await using var world = new NodeKernelWorld(worker: KernelSensing.WorkerOptions with { Deadline = TimeSpan.FromSeconds(2) });
        world.AddPod();
        world.Node.PutConfig("Enforce", ",\"nodeTargets\":true,\"ceilings\":{\"reclaimPerNode\":\"8Mi\"}");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(0.3);
        world.LetThrough().Should().NotBeEmpty("a grant has to stand");
        using var silence = world.Silence();

        await world.Node.Loop.Node!.Asked!.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        world.Node.Loop.Turn();
        silence.End();
        world.Run(40);

        Taken(world).Should().Be(8 * MiB, "what the lost round may have taken is the minute's all");
        world.Node.Unexpected.Should().BeEmpty();
        world.Run(60);
        Taken(world).Should().Be(16 * MiB);
        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Active);
    }

    [Fact]
    public async Task A_scheme_that_goes_while_a_grant_of_it_stands_is_accounted_for_and_the_others_go_on()
    {
        await using var world = new NodeKernelWorld();
        var (web, db) = (world.AddPod(), world.AddPod());
        world.Node.PutPlan(PlanDocuments.Scheme("first", NodeKernelWorld.Cold), PlanDocuments.Scheme("second", NodeKernelWorld.Cold, rank: 2));
        world.Run(0.3);
        world.LetThrough().Should().Contain(NodeKernelWorld.PathsOf(web));

        world.Node.PutPlan(PlanDocuments.Scheme("second", NodeKernelWorld.Cold));
        world.Run(60);

        world.Node.Unexpected.Should().BeEmpty();
        world.Taken.Should().Be(1, "nothing was begun anew");
        (world.GoneBytes(web), world.GoneBytes(db)).Should().Be((NodeKernelWorld.ContainerBytes, NodeKernelWorld.ContainerBytes));
        world.Node.Loop.Figures!.Pods.Sum(pod => (long)pod.Effects.AppliedBytes).Should().Be(2 * (long)NodeKernelWorld.ContainerBytes, "what the first had taken is counted as well");
    }

    [Fact]
    public async Task What_was_decided_too_long_ago_is_not_acted_on()
    {
        await using var world = new NodeKernelWorld();
        var pod = world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(1.5);
        var gone = world.GoneBytes(pod);

        // The kernel takes ten seconds for the command that ends the last grant: what the rails answered before says nothing any more.
        var commands = 0;
        world.Tree.OnCommand = _ =>
        {
            if (commands++ == 0)
                world.Node.Time.Advance(TimeSpan.FromSeconds(10));
        };
        world.Node.Time.Advance(TimeSpan.FromSeconds(1));
        world.Node.Loop.Turn();
        world.Node.IsWokenByKernel().Should().BeTrue();

        world.LetThrough().Should().BeEmpty();
        world.GoneBytes(pod).Should().Be(gone);
        world.Tree.OnCommand = null;
        world.Run(30);
        world.GoneBytes(pod).Should().Be(NodeKernelWorld.ContainerBytes);
    }

    [Fact]
    public async Task Where_somebody_else_takes_the_kernel_it_says_so_and_is_begun_anew_when_it_is_free()
    {
        await using var world = new NodeKernelWorld();
        var pod = world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        world.Run(1.5);
        world.Tree.WriteBehind("kdamonds/1/contexts/0/monitoring_attrs/intervals/sample_us", "777");
        world.Run(6);
        var gone = world.GoneBytes(pod);

        world.Node.Told.Should().Contain(text => text.Contains("cannot be carried out", StringComparison.Ordinal) && text.Contains("sample_us", StringComparison.Ordinal));
        world.TakeError = new HostError(HostErrorKind.Busy, "kdamonds", "it is somebody else's");
        world.Run(30);
        world.Node.Scheme("cold").Should().Match<SchemeView>(view => view.State == NodeSchemeState.Degraded && view.Reason == "BackendLost" && view.Message == "it is somebody else's");
        world.GoneBytes(pod).Should().Be(gone);
        world.Taken.Should().BeInRange(3, 6);

        world.TakeError = null;
        world.Run(60);
        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Active);
        world.GoneBytes(pod).Should().Be(NodeKernelWorld.ContainerBytes);
    }

    [Fact]
    public async Task A_container_belongs_to_the_scheme_of_the_better_rank_whether_of_pods_or_of_the_node()
    {
        await using var world = new NodeKernelWorld();
        var (web, db) = (world.AddPod(LoopWorld.App("web")), world.AddPod(LoopWorld.App("db")));
        world.Node.PutPlan(PlanDocuments.Scheme("pods", LoopWorld.Target("web")), PlanDocuments.Scheme("node", NodeKernelWorld.Cold, rank: 2));
        world.Run(60);

        world.GoneBytes(web).Should().Be(0);
        world.GoneBytes(db).Should().Be(NodeKernelWorld.ContainerBytes);
        world.Node.Done.Select(done => done.Owner).Distinct().Should().Equal(web.Containers[0]);
        world.Node.Scheme("node").Conflicts.Should().Be(new SchemeConflicts { Containers = 1, Winner = "pods" });

        world.Node.Done.Clear();
        world.Own(web.Containers[0].Directory, web.Directory, ContainerMore, isAnonymous: true);
        world.Node.PutPlan(PlanDocuments.Scheme("pods", LoopWorld.Target("web"), rank: 2), PlanDocuments.Scheme("node", NodeKernelWorld.Cold));
        world.Run(60);

        world.GoneBytes(web).Should().Be(NodeKernelWorld.ContainerBytes + ContainerMore);
        world.Node.Done.Should().BeEmpty();
        world.Node.Scheme("pods").Conflicts.Should().Be(new SchemeConflicts { Containers = 1, Winner = "node" });
    }

    [Fact]
    public async Task The_kernels_part_counts_against_what_the_node_may_lose_in_a_minute()
    {
        await using var world = new NodeKernelWorld();
        world.AddPod();
        world.AddPod();
        world.Node.PutConfig("Enforce", ",\"nodeTargets\":true,\"ceilings\":{\"reclaimPerNode\":\"12Mi\"}");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));

        world.Run(50);
        Taken(world).Should().Be(12 * MiB);
        world.Node.Scheme("cold").Should().Match<SchemeView>(view => view.State == NodeSchemeState.Active && view.Reason == "Resting");

        world.Run(60);
        Taken(world).Should().Be(24 * MiB);
    }

    [Fact]
    public async Task Pods_and_the_node_share_the_kernels_DAMON_each_in_its_own_place()
    {
        await using var world = new NodeKernelWorld();
        world.Node.Backends = requested => new(MonitoringBackend.Kernel, "Available", "it is a fake");
        var pods = new SensingKdamond(world.Node.Time);
        world.Pods = pods;
        var (web, db) = (world.AddPod(LoopWorld.App("web")), world.AddPod(LoopWorld.App("db")));
        var process = web.Containers[0].Processes[0];
        world.Node.Host.Write($"/proc/{process.Pid}/maps", $"{1 << 20:x}-{(1 << 20) + LoopWorld.Bytes:x} rw-p 00000000 00:00 0\n");
        pods.Process(process.Pid, new SimulatedMemory([new AddressRange(1 << 20, (1 << 20) + LoopWorld.Bytes)], 0, new RandomSource(3)));
        world.Node.PutConfig("Enforce", ",\"nodeTargets\":true,\"ceilings\":{\"agentCpu\":\"100%\"}");
        world.Node.PutPlan(PlanDocuments.Scheme("pods", LoopWorld.Target("web")), PlanDocuments.Scheme("node", NodeKernelWorld.Cold, rank: 2));

        world.Run(90);

        (world.Taken, world.Released).Should().Be((1, 0));
        world.Node.Snapshot.Node.Backend.Should().Be(MonitoringBackend.Kernel);
        world.Node.Done.Select(done => done.Owner).Distinct().Should().Equal(web.Containers[0]);
        world.GoneBytes(db).Should().Be(NodeKernelWorld.ContainerBytes);
        world.GoneBytes(web).Should().Be(0);

        // The one goes, the other stays; and the kernel is given back with the last.
        world.Node.PutPlan(PlanDocuments.Scheme("pods", LoopWorld.Target("web")));
        world.Run(10);
        (world.Kdamond.IsRunning, pods.IsOn, world.Released).Should().Be((false, true, 0));
        world.Node.PutPlan();
        world.Run(10);
        (pods.IsOn, world.Taken, world.Released).Should().Be((false, 1, 1));
        world.Node.Unexpected.Should().BeEmpty();
    }

    [Theory]
    [InlineData("LruPrio", "lru_prio")]
    [InlineData("LruDeprio", "lru_deprio")]
    public async Task Pages_are_sorted_for_eligible_pods_alone(string action, string word)
    {
        await using var world = new NodeKernelWorld();
        var (pod, other) = (world.AddPod(), world.AddPod(record => record with { Labels = Labels(ProtectionRules.OptOutLabel) }));
        world.Node.PutPlan(PlanDocuments.Scheme("sort", NodeKernelWorld.Cold.Replace("Pageout", action, StringComparison.Ordinal)));

        world.Run(10);

        world.Done.Should().NotBeEmpty().And.OnlyContain(done => done.Action == word && NodeKernelWorld.PathsOf(pod).Contains(done.Cgroup));
        world.GoneBytes(other).Should().Be(0);
        world.Node.Scheme("sort").Should().Match<SchemeView>(view => view.State == NodeSchemeState.Active && view.Effect!.AdvisedBytes > 0 && view.Effect.AwayBytes == 0);
    }

    [Theory]
    [InlineData("MigrateCold", ",\"destinations\":[{\"node\":1}]", "UnsupportedField")]
    [InlineData("MigrateCold", ",\"destinations\":[{\"tier\":\"Slow\"}]", "UnsupportedField")]
    [InlineData("Cold", "", "UnsupportedAction")]
    public async Task What_cannot_be_put_back_or_done_to_physical_memory_is_refused(string action, string more, string reason)
    {
        await using var world = new NodeKernelWorld();
        world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("x", NodeKernelWorld.Cold.Replace("\"Pageout\"", $"\"{action}\"{more}", StringComparison.Ordinal)));

        world.Run(10);

        world.Node.Scheme("x").Should().Match<SchemeView>(view => view.State == NodeSchemeState.Unsupported && view.Reason == reason && view.Message.Length > 0);
        world.Done.Should().BeEmpty();
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public async Task Beside_Referenced_the_better_rank_has_the_accessed_bits(int rankOfNode, int rankOfPods)
    {
        await using var world = new NodeKernelWorld();
        world.AddPod();
        var referenced = LoopWorld.Cold.Replace("\"mode\"", "\"backend\":\"Referenced\",\"mode\"", StringComparison.Ordinal);
        world.Node.PutPlan(PlanDocuments.Scheme("node", NodeKernelWorld.Cold, rankOfNode), PlanDocuments.Scheme("pods", referenced, rankOfPods));

        world.Run(10);

        world.Node.Scheme(rankOfNode == 1 ? "pods" : "node").Should().Match<SchemeView>(view => view.State == NodeSchemeState.Unsupported && view.Reason == "BackendInUse");
        world.Node.Scheme(rankOfNode == 1 ? "node" : "pods").State.Should().NotBe(NodeSchemeState.Unsupported);
    }

    [Fact]
    public async Task A_thread_of_the_kernel_that_costs_too_much_looks_less_often()
    {
        await using var world = new NodeKernelWorld();
        world.AddPod();
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));
        var (cpu, last) = (TimeSpan.Zero, world.Node.Now);
        void Cost(double shareAtFullPace)
        {
            var now = world.Node.Now;
            var pace = world.Tree.Kdamonds.Count > 0 && world.Kdamond.Context is { } context ? 5_000.0 / context.SampleMicroseconds : 1;
            cpu += (now - last) * (shareAtFullPace * pace);
            last = now;
            world.Node.Host.Write("/proc/4001/schedstat", $"{cpu.Ticks * 100} 0 1\n");
        }

        world.Run(120, () => Cost(0.30));

        var figures = world.Node.Loop.Figures!.Physical!;
        figures.Stretch.Should().BeGreaterThanOrEqualTo(4);
        figures.Intervals!.Value.Sample.Should().Be(TimeSpan.FromMilliseconds(5) * figures.Stretch);
        figures.KernelCpuTime.Should().BeGreaterThan(TimeSpan.FromSeconds(1));
        world.Kdamond.Context!.Now.Should().BeGreaterThan(100_000_000, "the kdamond goes on");
        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Active);
    }

    [Fact]
    public async Task Groups_that_a_container_makes_for_itself_are_its_own()
    {
        await using var world = new NodeKernelWorld();
        var pod = world.AddPod();
        var container = pod.Containers[0];
        var below = container.Directory + "/inner";
        world.Node.Host.Write(below + "/memory.current", "1\n").Write(container.Directory + "/cgroup.stat", "nr_descendants 1\n");
        world.Own(below, pod.Directory, 8 * MiB, isAnonymous: true);
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));

        world.Run(30);

        world.Done.Where(done => done.Cgroup == NodeKernelWorld.PathOf(below)).Sum(done => (double)done.Bytes).Should().Be(8 * MiB);
        world.Node.Loop.Figures!.Pods.Single().Effects.AppliedBytes.Should().Be(NodeKernelWorld.ContainerBytes + (8 * MiB));
    }

    [Fact]
    public async Task A_container_whose_groups_vanish_again_and_again_holds_up_nobody_else()
    {
        await using var world = new NodeKernelWorld();
        var (wild, calm) = (world.AddPod(), world.AddPod());
        var below = wild.Containers[0].Directory + "/inner";
        world.Node.Host.Write(wild.Containers[0].Directory + "/cgroup.stat", "nr_descendants 1\n");

        // Whenever the kernel is told of it, it is gone; and there again for the next look.
        var vanished = 0;
        void Appear()
        {
            world.Node.Host.Write(below + "/memory.current", "1\n");
            world.Tree.MemoryCgroups.Add(NodeKernelWorld.PathOf(below));
        }

        Appear();
        world.Tree.OnWritten = (path, text) =>
        {
            if (path.EndsWith("/memcg_path", StringComparison.Ordinal) && text.StartsWith(NodeKernelWorld.PathOf(below), StringComparison.Ordinal))
            {
                vanished++;
                world.Tree.MemoryCgroups.Remove(NodeKernelWorld.PathOf(below));
                world.Node.Host.Remove(below);
            }
        };
        world.Node.PutPlan(PlanDocuments.Scheme("cold", NodeKernelWorld.Cold));

        world.Run(60, Appear);

        vanished.Should().BeGreaterThan(3);
        world.GoneBytes(calm).Should().Be(NodeKernelWorld.ContainerBytes);
        world.Node.Unexpected.Should().BeEmpty();
    }

    private const ulong ContainerMore = 16 * MiB;

    private static Dictionary<string, string> Labels(string label) => new(StringComparer.Ordinal) { [label] = "true" };

    private static ulong Taken(NodeKernelWorld world) => (ulong)world.Done.Sum(done => (double)done.Bytes);

    private static void Trip(NodeKernelWorld world, FakePod pod, SafetyRail rail)
    {
        switch (rail)
        {
            case SafetyRail.Pressure:
                world.Node.Host.Write(pod.Directory + "/memory.pressure", RailPod.Pressure(9));
                break;
            case SafetyRail.IoPressure:
                world.Node.Host.Write(pod.Directory + "/io.pressure", RailPod.Pressure(9));
                break;
            case SafetyRail.Emergency:
                world.Node.Host.Write(pod.Directory + "/memory.events", "low 0\nhigh 0\nmax 0\noom 1\noom_kill 1\n");
                break;
            case SafetyRail.Floor:
                world.SetCurrent(pod, 60 * MiB);
                break;
            case SafetyRail.RailUnmeasurable:
                world.Node.Host.Write(pod.Directory + "/memory.pressure", "");
                break;
            default:
                world.Node.Inbox.PutConfig(PlanDocuments.Config("""{"mode":"Enforce","nodeTargets":true,"safety":{"startGrace":"1h"}}"""));
                world.Node.Edit(pod, Started(world.Node.Clock.GetUtcNow()));
                world.Node.Report();
                break;
        }
    }

    private static Func<PodRecord, PodRecord> Started(DateTimeOffset at) => record => record with { Containers = [.. record.Containers.Select(container => container with { StartedAt = at })] };
}
