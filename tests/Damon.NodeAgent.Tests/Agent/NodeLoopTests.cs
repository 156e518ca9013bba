using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Ledger;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Agent;

public class NodeLoopTests
{
    private const string Migrate =
        """{"mode":"Enforce","action":{"type":"MigrateCold","destinations":[{"node":1,"weight":1}]},"target":{"podSelector":{},"all":true},"quota":{"size":"8Mi"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"20s"}}}""";

    [Fact]
    public void Cold_memory_of_the_containers_that_a_scheme_selects_is_acted_on_and_no_other()
    {
        using var world = new LoopWorld();
        var web = world.AddPod(2, edit: LoopWorld.App("web"));
        var db = world.AddPod(edit: LoopWorld.App("db"));
        world.Node.StartOutside("/system.slice/other.service");
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Target("web")));

        world.Run(120);

        world.Done.Select(done => done.Owner).Distinct().Should().BeEquivalentTo(web.Containers);
        world.Scheme("cold").Should().Match<SchemeView>(scheme => scheme.State == NodeSchemeState.Active && scheme.Targets == 2 && scheme.AppliedHash == "h-cold");
        world.Scheme("cold").Statistics!.AppliedBytes.Should().BeGreaterThanOrEqualTo(2 * LoopWorld.Bytes);
        world.View(db.Containers[0]).SessionProcesses.Should().Be(0);
        world.View(web.Containers[0]).SessionBytes.Should().Be(LoopWorld.Bytes);
        world.Snapshot.Node.Backend.Should().Be(Damon.Engine.Machine.MonitoringBackend.IdlePage);
        world.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public void Observe_looks_and_counts_and_does_nothing()
    {
        using var world = new LoopWorld();
        world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold.Replace("Enforce", "Observe", StringComparison.Ordinal)));

        world.Run(120);

        world.Done.Should().BeEmpty();
        world.Scheme("cold").State.Should().Be(NodeSchemeState.Observing);
        world.Scheme("cold").Statistics!.AdvisedBytes.Should().Be(LoopWorld.Bytes);
    }

    [Fact]
    public void Of_two_schemes_of_one_class_the_better_rank_has_the_container_and_when_it_goes_the_other_has_it()
    {
        using var world = new LoopWorld();
        world.AddPod();
        world.Report();
        var second = PlanDocuments.Scheme("second", LoopWorld.Cold.Replace("Pageout", "Cold", StringComparison.Ordinal), rank: 2);
        world.PutPlan(PlanDocuments.Scheme("first"), second);
        world.PutPlan(PlanDocuments.Scheme("first", LoopWorld.Cold), second);
        world.Run(60);
        world.Done.Select(done => done.Action.Kind).Distinct().Should().Equal(SchemeAction.Pageout);
        world.Scheme("second").Should().Match<SchemeView>(scheme => scheme.Targets == 0 && scheme.Conflicts!.Containers == 1 && scheme.Conflicts.Winner == "first");

        var session = world.Loop.Session;
        world.Done.Clear();
        world.PutPlan(second);
        world.Run(60);

        world.Done.Select(done => done.Action.Kind).Distinct().Should().Equal(SchemeAction.Cold);
        world.Loop.Session.Should().BeSameAs(session, "only what changed is changed");
    }

    public static TheoryData<string, string> Protections => new()
    {
        { "opt-out", "OptedOut" },
        { "namespace", "ProtectedNamespace" },
        { "static", "StaticPod" },
        { "priority", "ProtectedPriority" },
        { "guaranteed", "ProtectedQoS" },
    };

    [Theory]
    [MemberData(nameof(Protections))]
    public void What_is_protected_is_never_acted_on_and_what_becomes_protected_is_left_at_once(string how, string reason)
    {
        using var world = new LoopWorld();
        var pod = world.AddPod();
        var free = world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold.Replace("\"quota\"", "\"applyInterval\":\"10s\",\"quota\"", StringComparison.Ordinal)
            .Replace("\"podSelector\":{}", "\"podSelector\":{},\"qosClasses\":[\"BestEffort\",\"Burstable\",\"Guaranteed\"]", StringComparison.Ordinal)));
        world.Run(60);
        world.Done.Should().Contain(done => done.Owner == pod.Containers[0]);
        world.Done.Clear();

        world.Edit(pod, record => how switch
        {
            "opt-out" => record with { Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["damon.dev/opt-out"] = "true" } },
            "namespace" => record with { Namespace = "kube-system" },
            "static" => record with { IsStatic = true },
            "priority" => record with { Priority = 2_000_000_000 },
            _ => record with { QosClass = QosClass.Guaranteed },
        });
        world.Report();
        world.Run(120);

        world.Done.Should().NotContain(done => done.Owner == pod.Containers[0]).And.Contain(done => done.Owner == free.Containers[0]);
        world.View(pod.Containers[0]).HeldBy.Should().Be(reason);
        world.View(pod.Containers[0]).SessionProcesses.Should().Be(how == "guaranteed" ? 1 : 0, "Guaranteed is looked at");
    }

    [Theory]
    [InlineData(ContainerKind.Init, false)]
    [InlineData(ContainerKind.Sidecar, true)]
    public void Init_containers_are_left_alone_and_native_sidecars_are_not(object kind, bool isActedOn)
    {
        using var world = new LoopWorld();
        world.AddPod(edit: record => record with { Containers = [.. record.Containers.Select(container => container with { Kind = (ContainerKind)kind })] });
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        world.Run(60);
        (world.Done.Count > 0).Should().Be(isActedOn);
        world.Scheme("cold").Denied.Keys.Should().Equal(isActedOn ? [] : ["InitContainer"]);
    }

    [Fact]
    public void A_scheme_of_which_every_call_fails_is_degraded_and_says_why_until_one_succeeds()
    {
        using var world = new LoopWorld();
        world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        world.Refusal = "process_madvise: Unsupported";
        world.Acts = static (_, _, _) => new ActionResult(ActionOutcome.Unsupported, 0, 0);
        world.Run(10);
        world.Scheme("cold").State.Should().Be(NodeSchemeState.Active, "nothing was tried yet");
        world.Run(60);
        var failing = world.Scheme("cold");
        (failing.State, failing.Reason, failing.Message).Should().Be((NodeSchemeState.Degraded, "ActionFailed", "process_madvise: Unsupported"));

        world.Acts = null;
        world.Run(60);
        world.Scheme("cold").State.Should().Be(NodeSchemeState.Active);
    }

    // What ends a scheme's right to what it did. Everything that can be put back is; nothing more is done.
    [Theory]
    [InlineData("observe")]
    [InlineData("removed")]
    [InlineData("other")]
    [InlineData("off")]
    [InlineData("node")]
    [InlineData("absent")]
    [InlineData("opt-out")]
    [InlineData("stop")]
    public void What_can_be_put_back_is_put_back_when_the_right_to_it_ends(string how)
    {
        using var world = new LoopWorld();
        var pod = world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("move", Migrate));
        world.Run(60);
        world.Done.Should().NotBeEmpty();
        world.Ledger!.OwedChanges.Should().NotBeEmpty().And.OnlyContain(change => change.Scheme == "u-move" && change.Pod == pod.CgroupUid);
        world.Undone.Should().BeEmpty();
        world.Done.Clear();

        switch (how)
        {
            case "observe":
                world.PutPlan(PlanDocuments.Scheme("move", Migrate.Replace("Enforce", "Observe", StringComparison.Ordinal)));
                break;
            case "removed":
                world.PutPlan();
                break;
            case "other":
                world.PutPlan(PlanDocuments.Scheme("move", Migrate).Replace("u-move", "u-another", StringComparison.Ordinal));
                break;
            case "off":
                world.PutConfig("Off");
                break;
            case "node":
                world.Inbox.PutNode(PlanDocuments.Node("Off", PlanDocuments.Scheme("move", Migrate)));
                break;
            case "absent":
                world.Inbox.PutNodeAbsent();
                break;
            case "opt-out":
                world.Edit(pod, record => record with { NamespaceLabels = new Dictionary<string, string>(StringComparer.Ordinal) { ["damon.dev/opt-out"] = "" } });
                world.Report();
                break;
            default:
                world.Loop.Stop();
                break;
        }

        world.Run(how == "opt-out" ? 15 : 2);

        world.Undone.Should().NotBeEmpty().And.OnlyContain(change => change.Scheme == "u-move");
        world.Ledger.OwedChanges.Should().NotContain(change => change.Scheme == "u-move");
        if (how != "other")
        {
            world.Run(120);
            world.Done.Should().BeEmpty();
        }
    }

    [Fact]
    public void What_a_predecessor_owes_is_put_back_at_the_start()
    {
        using var world = new LoopWorld();
        world.Ledger!.Begin(new PageMove("u-gone", "p", new ProcessIdentity(7, 7), new(0, 4096), 0, 1));

        world.Loop.Start();

        world.Undone.Should().ContainSingle().Which.Scheme.Should().Be("u-gone");
        world.Ledger.Count.Should().Be(0);
    }

    [Fact]
    public void Without_a_ledger_nothing_is_done_that_would_have_to_be_put_back()
    {
        using var world = new LoopWorld(hasLedger: false);
        world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("move", Migrate));
        world.Run(60);
        world.Done.Should().BeEmpty();
        world.Scheme("move").Statistics!.HeldBy.Should().Be("NoLedger");
    }

    [Fact]
    public void A_destination_that_is_full_holds_the_moves_and_says_so()
    {
        using var world = new LoopWorld();
        var pod = world.AddPod();
        world.Report();
        world.Host.Write("/proc/zoneinfo", LoopWorld.Zones(0));
        world.PutPlan(PlanDocuments.Scheme("move", Migrate));
        world.Run(60);

        world.Done.Should().BeEmpty();
        world.Ledger!.Count.Should().Be(0);
        world.View(pod.Containers[0]).HeldBy.Should().Be("Placement");
        world.Scheme("move").Reason.Should().Be("Placement");

        world.Host.Write("/proc/zoneinfo", LoopWorld.Zones(1 << 20));
        world.Run(60);
        world.Done.Should().NotBeEmpty();
        world.Ledger.OwedChanges.Should().NotBeEmpty();
    }

    [Fact]
    public void The_nodes_of_a_tier_are_followed_while_the_agent_runs()
    {
        using var world = new LoopWorld();
        world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("move", Migrate.Replace("{\"node\":1,\"weight\":1}", "{\"tier\":\"Slow\"}", StringComparison.Ordinal)));
        world.Run(60);
        world.Done.Select(done => done.Action with { AmountBytes = 0 }).Distinct().Should().Equal(new MemoryAction(SchemeAction.MigrateCold, [new(1)]) { AnyDestinationWillDo = true });
        world.Snapshot.Node.Capabilities.Should().ContainSingle(one => one.Name == "memory/Tiers").Which.Should().Match<NodeCapability>(one => one.Available && one.Message!.Contains("node 0, slow node 1"));

        // A second slow node: its cpuset still says where a container's pages may go.
        world.Done.Clear();
        world.Host.Write("/sys/devices/system/node/has_memory", "0-2\n").Write("/sys/devices/system/node/online", "0-2\n");
        world.Run(30);
        world.Done.Should().BeEmpty();
        world.Scheme("move").Should().Match<SchemeView>(scheme => scheme.State == NodeSchemeState.Backoff && scheme.Reason == "Placement" && scheme.Message.Contains("node 2 is not in"));

        world.Host.Write("/sys/fs/cgroup/cpuset.mems.effective", "0-2\n");
        world.Run(60);
        world.Done.Select(done => done.Action with { AmountBytes = 0 }).Distinct().Should().Equal(new MemoryAction(SchemeAction.MigrateCold, [new(1), new(2)]) { AnyDestinationWillDo = true });
        world.Told.Should().ContainSingle(told => told.Contains("memory nodes or tiers have changed"));

        // All memory but the fast one is gone.
        world.Done.Clear();
        world.Host.Write("/sys/devices/system/node/has_memory", "0\n").Write("/sys/devices/system/node/online", "0\n");
        world.Run(30);
        world.Scheme("move").Should().Match<SchemeView>(scheme => scheme.State == NodeSchemeState.Unsupported && scheme.Reason == "OneMemoryNode");
        world.Undone.Should().NotBeEmpty("what it moved is put back, as far as it can be");
        world.Snapshot.Node.Capabilities.Should().ContainSingle(one => one.Name == "memory/Tiers" && !one.Available && one.Reason == "OneMemoryNode");
        world.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public void Memory_is_read_again_every_ten_seconds_while_something_senses()
    {
        using var world = new LoopWorld();
        world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        world.Run(20);
        var (memory, all) = (world.MemoryRefreshes, world.Refreshes);

        world.Run(60);

        (world.MemoryRefreshes - memory).Should().BeInRange(5, 6);
        world.Refreshes.Should().Be(all, "the rest is read again only while nothing senses");
    }

    [Theory]
    [InlineData("Fast", "OneMemoryTier")]
    [InlineData("Slow", "OneMemoryTier")]
    public void Where_all_memory_is_in_one_tier_a_tier_is_no_destination_and_nothing_is_even_counted(string tier, string reason)
    {
        using var world = new LoopWorld();
        world.Host.Write("/sys/devices/virtual/memory_tiering/memory_tier4/nodelist", "0-1\n");
        world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("move", Migrate.Replace("{\"node\":1,\"weight\":1}", $"{{\"tier\":\"{tier}\"}}", StringComparison.Ordinal).Replace("Enforce", "Observe", StringComparison.Ordinal)));

        world.Run(60);

        world.Scheme("move").Should().Match<SchemeView>(scheme => scheme.State == NodeSchemeState.Unsupported && scheme.Reason == reason && scheme.Message.StartsWith("spec.action.destinations[0].tier: "));
    }

    [Fact]
    public void A_scheme_that_cannot_be_carried_out_says_why_and_touches_nothing_and_the_others_go_on()
    {
        using var world = new LoopWorld();
        world.AddPod();
        world.Report();
        world.PutPlan(
            PlanDocuments.Scheme("unknown", """{"action":{"type":"Compress"},"target":{"podSelector":{}}}""", rank: 1),
            PlanDocuments.Scheme("huge", LoopWorld.Cold.Replace("Pageout", "HugePage", StringComparison.Ordinal), rank: 2),
            PlanDocuments.Scheme("kernel", LoopWorld.Cold.Replace("\"mode\"", "\"backend\":\"Kernel\",\"mode\"", StringComparison.Ordinal), rank: 3),
            PlanDocuments.Scheme("twin", LoopWorld.Cold, rank: 4),
            PlanDocuments.Scheme("good", LoopWorld.Cold.Replace("Pageout", "Cold", StringComparison.Ordinal), rank: 5).Replace("u-good", "u-twin", StringComparison.Ordinal),
            PlanDocuments.Scheme("node", """{"action":{"type":"Stat"},"target":{"kind":"Node"}}""", rank: 6));

        world.Run(60);

        world.Snapshot.Schemes.ToDictionary(scheme => scheme.Name, scheme => $"{scheme.State} {scheme.Reason}").Should().Equal(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["unknown"] = "Unsupported AgentTooOld",
            ["huge"] = "Unsupported UnsupportedField",
            ["kernel"] = "Unsupported Busy",
            ["twin"] = "Active ",
            ["good"] = "Unsupported InvalidScheme",
            ["node"] = "Unsupported Busy",
        });
        world.Done.Select(done => done.Action.Kind).Distinct().Should().Equal(SchemeAction.Pageout);
        world.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public void A_bug_met_on_one_container_isolates_it_and_nothing_else()
    {
        using var world = new LoopWorld();
        var first = world.AddPod();
        var second = world.AddPod();
        var third = world.AddPod();
        world.OnApply = process => _ = process == first.Containers[0].Processes[0] ? throw new InvalidOperationException("bug") : 0;
        world.OnLook = process => _ = process == second.Containers[0].Processes[0] ? throw new InvalidOperationException("bug") : 0;
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));

        world.Run(120);

        world.Done.Select(done => done.Owner).Distinct().Should().Equal(third.Containers[0]);
        world.Unexpected.Should().HaveCount(2).And.OnlyContain(text => text.Contains("bug", StringComparison.Ordinal));
        world.Snapshot.Node.Faults.Should().Be(2);
        new[] { first, second }.Select(pod => world.View(pod.Containers[0]).HeldBy).Should().Equal("Isolated", "Isolated");
        world.View(third.Containers[0]).HeldBy.Should().BeEmpty();
    }

    [Fact]
    public void A_process_that_may_not_be_looked_at_is_a_reason_and_holds_nobody_up()
    {
        using var world = new LoopWorld();
        var denied = world.AddPod();
        var free = world.AddPod();
        world.OpenError = process => process == denied.Containers[0].Processes[0] ? new HostError(HostErrorKind.Denied, "/proc/1/pagemap") : null;
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));

        world.Run(60);

        world.Done.Select(done => done.Owner).Distinct().Should().Equal(free.Containers[0]);
        world.View(denied.Containers[0]).Message.Should().Contain("pagemap");
        world.Scheme("cold").State.Should().Be(NodeSchemeState.Active);

        world.OpenError = _ => null;
        world.Run(120);
        world.Done.Should().Contain(done => done.Owner == denied.Containers[0], "it is tried again");
    }

    [Fact]
    public void A_rail_that_holds_a_pod_is_its_state_and_a_trip_and_half_a_budget_afterwards()
    {
        using var world = new LoopWorld();
        var pod = world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        world.Run(60);
        world.Done.Clear();

        world.Host.Write(pod.Directory + "/memory.pressure", RailPod.Pressure(9));
        world.Run(60);

        world.Done.Should().BeEmpty();
        world.Scheme("cold").Should().Match<SchemeView>(scheme => scheme.State == NodeSchemeState.Backoff && scheme.Reason == "Pressure" && scheme.Trips == 1);
        world.View(pod.Containers[0]).HeldBy.Should().Be("Pressure");

        world.Host.Write(pod.Directory + "/memory.pressure", RailPod.Pressure());
        world.Run(130);
        world.Loop.Session!.Targets[0].BudgetShare.Should().Be(0.5);
        world.Scheme("cold").State.Should().Be(NodeSchemeState.Active);
        world.Run(200);
        world.Loop.Session.Targets[0].BudgetShare.Should().Be(1);
    }

    [Fact]
    public void No_more_than_the_nodes_ceiling_is_taken_in_a_minute()
    {
        using var world = new LoopWorld();
        for (var i = 0; i < 4; i++)
        {
            world.AddPod();
        }

        world.Report();
        world.PutConfig("Enforce", ",\"ceilings\":{\"reclaimPerNode\":\"1Mi\"}");
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        world.Run(179);
        world.Scheme("cold").Statistics!.AppliedBytes.Should().BeInRange(2 << 20, 3 << 20);
    }

    [Fact]
    public void A_paused_scheme_looks_and_does_nothing_and_goes_on_with_what_it_knows()
    {
        using var world = new LoopWorld();
        world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold.Replace("\"mode\"", "\"paused\":true,\"mode\"", StringComparison.Ordinal)));
        world.Run(60);
        world.Done.Should().BeEmpty();
        world.Scheme("cold").State.Should().Be(NodeSchemeState.Paused);
        world.Loop.Session!.Targets.Should().ContainSingle();

        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        world.Run(15);
        world.Done.Should().NotBeEmpty("its age was known");
    }

    [Fact]
    public void Off_stops_every_action_although_a_call_stalls_and_every_other_call_too()
    {
        var clock = new FakeTimeProvider();
        using var world = new LoopWorld(guardsAgainstStalls: true, clock);
        using var kernel = new ManualResetEventSlim();
        var begun = 0;
        world.OnApply = _ =>
        {
            Interlocked.Increment(ref begun);
            kernel.WaitHandle.WaitOne();
        };
        for (var i = 0; i < 20; i++)
        {
            world.AddPod();
        }

        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));

        // The loop waits for calls on its thread while the clock is moved on from here.
        var loop = new Thread(() =>
        {
            while (!world.IsEnding)
            {
                world.Loop.Turn();
            }
        })
        { IsBackground = true };
        loop.Start();
        Tick(clock, () => Volatile.Read(ref begun) >= 2, TimeSpan.FromMinutes(3));

        var offAt = clock.GetUtcNow();
        world.PutConfig("Off");
        var then = Volatile.Read(ref begun);
        Tick(clock, () => world.Snapshot.Schemes is [{ State: NodeSchemeState.Stopped }], TimeSpan.FromSeconds(9.5));
        (clock.GetUtcNow() - offAt).Should().BeLessThan(TimeSpan.FromSeconds(10));
        then = Volatile.Read(ref begun) is var now && now <= then + 1 ? now : throw new InvalidOperationException($"{now - then} calls were begun after Off");
        Tick(clock, () => false, TimeSpan.FromSeconds(60));
        Volatile.Read(ref begun).Should().Be(then, "only what had begun may still end");

        kernel.Set();
        world.IsEnding = true;
        loop.Join();
        world.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public void Reclaim_is_carried_out_from_the_containers_own_group_in_steps_and_no_more_than_is_cold()
    {
        using var world = new LoopWorld(guardsAgainstStalls: true, new PatientTime(new VirtualTime()));
        var pod = world.AddPod(2);
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold.Replace("Pageout", "Reclaim", StringComparison.Ordinal)));

        world.Run(120);

        world.Scheme("cold").Should().Match<SchemeView>(scheme => scheme.State == NodeSchemeState.Active && scheme.Targets == 2);
        world.Done.Select(done => done.Action.Kind).Distinct().Should().Equal(SchemeAction.Reclaim);
        world.Done.Select(done => done.Action.AmountBytes).Should().OnlyContain(bytes => bytes > 0 && bytes <= 4 << 20);
        foreach (var container in pod.Containers)
        {
            world.Done.Where(done => done.Owner == container).Aggregate(0UL, (sum, done) => sum + done.Action.AmountBytes).Should().Be(LoopWorld.Bytes, "all that is cold, once");
            world.ReclaimsFrom[container.Processes[0]]().Should().Be(new ControlGroup(container.Directory["/sys/fs/cgroup".Length..], world.Host.Root.Identify(container.Directory).Value));
        }

        world.Snapshot.Node.Capabilities.Should().ContainSingle(one => one.Name == "action/Reclaim").Which.Available.Should().BeTrue();
        world.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public void Off_is_heard_between_two_steps_of_a_reclaim()
    {
        using var world = new LoopWorld(guardsAgainstStalls: true, new PatientTime(new VirtualTime()));
        world.AddPod();
        world.Report();
        world.OnApply = _ => world.PutConfig("Off");
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold.Replace("Pageout", "Reclaim", StringComparison.Ordinal)));

        world.Run(60);

        world.Done.Should().ContainSingle("8 MiB are two steps, and Off came with the first").Which.Action.AmountBytes.Should().Be(4 << 20);
    }

    [Fact]
    public void Reclaim_spares_anonymous_memory_while_swap_is_low()
    {
        using var world = new LoopWorld(guardsAgainstStalls: true, new PatientTime(new VirtualTime()));
        world.AddPod();
        world.Report();
        world.Host.Write("/proc/meminfo", RailPod.Meminfo(1000, 100));
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold.Replace("Pageout", "Reclaim", StringComparison.Ordinal)));

        world.Run(60);

        world.Done.Should().NotBeEmpty().And.OnlyContain(done => done.Action.SparesAnonymous);
    }

    [Fact]
    public void Where_calls_are_not_made_on_threads_of_their_own_Reclaim_is_only_observed()
    {
        using var world = new LoopWorld();
        world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold.Replace("Pageout", "Reclaim", StringComparison.Ordinal)));

        world.Run(60);

        world.Done.Should().BeEmpty();
        world.Scheme("cold").Should().Match<SchemeView>(scheme => scheme.State == NodeSchemeState.Unsupported && scheme.Reason == "UnsupportedField");
    }

    [Fact]
    public void A_snapshot_becomes_the_nodes_report()
    {
        using var world = new LoopWorld();
        world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold), PlanDocuments.Scheme("late", LoopWorld.Cold, rank: 2));
        world.Run(60);

        var report = SnapshotReport.Of(world.Snapshot);

        report.ObservedGeneration.Should().Be(7);
        report.Kernel.Should().Be("6.12.1");
        report.Schemes.Select(scheme => (scheme.Name, scheme.AppliedHash, scheme.State, scheme.Targets, scheme.Conflicts?.Winner)).Should().Equal(
            ("cold", "h-cold", NodeSchemeState.Active, 1, null), ("late", "h-late", NodeSchemeState.Active, 0, "cold"));
        report.Schemes[0].Effect!.AdvisedBytes.Should().Be((long)world.Scheme("cold").Statistics!.AdvisedBytes).And.BePositive();
        report.Conditions.Select(condition => (condition.Type, condition.IsTrue)).Should().Equal(("Ready", true), ("Degraded", false), ("EmergencyStopped", false));
        report.Capabilities.Should().Contain(capability => capability.Name == "action/Pageout" && capability.Available);
        new SchemeStatusBook(world.Clock, new(1)).Report(report);
    }

    [Fact]
    public void The_cost_of_looking_lengthens_the_intervals_and_then_leaves_the_lowest_rank_out()
    {
        using var world = new LoopWorld();
        var high = world.AddPod(edit: LoopWorld.App("high"));
        var low = world.AddPod(edit: LoopWorld.App("low"));
        world.Report();

        // At most 2 looks a second: two pods of 10 regions need 10 s, and the longest interval is 10 s.
        world.PutConfig("Enforce", ",\"ceilings\":{\"probesPerSecond\":2}");
        world.PutPlan(PlanDocuments.Scheme("low", LoopWorld.Target("low"), rank: 2), PlanDocuments.Scheme("high", LoopWorld.Target("high")));
        world.Run(60);
        world.Snapshot.Node.Intervals!.Value.Sample.Should().Be(TimeSpan.FromSeconds(10));
        world.Snapshot.Node.ShedPods.Should().Be(0);

        world.PutConfig("Enforce", ",\"ceilings\":{\"probesPerSecond\":1}");
        world.Run(60);
        world.View(low.Containers[0]).Should().Match<ContainerView>(view => view.HeldBy == "OwnCost" && view.SessionProcesses == 0);
        world.View(high.Containers[0]).SessionProcesses.Should().Be(1);
        world.Scheme("low").Should().Match<SchemeView>(scheme => scheme.State == NodeSchemeState.Backoff && scheme.Reason == "OwnCost");
        world.Scheme("high").DetectionLatency.Should().Be(TimeSpan.FromSeconds(200 * 3), "the age of 20 s is one aggregation of 200 s");
    }

    [Fact]
    public void Pods_that_come_and_go_leave_the_session_of_the_others_as_it_is()
    {
        using var world = new LoopWorld();
        var stays = world.AddPod();
        world.Report();
        world.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold.Replace("20s", "10m", StringComparison.Ordinal)));
        world.Run(60);
        var (session, target) = (world.Loop.Session!, world.Loop.Session!.Targets[0]);
        var age = target.Regions.Ages.ToArray().Max();
        for (var i = 0; i < 10; i++)
        {
            var pod = world.AddPod();
            world.Report();
            world.Run(20);
            world.Remove(pod);
            world.Report();
            world.Run(10);
        }

        world.Loop.Session.Should().BeSameAs(session);
        session.Targets.Should().ContainSingle().Which.Should().BeSameAs(target);
        target.Id.Should().Be(stays.Containers[0].Processes[0].Pid);
        target.Regions.Ages.ToArray().Max().Should().BeGreaterThan(age + 20, "three hundred seconds are thirty aggregations");
        (world.Opened - world.Closed).Should().Be(2);
    }

    private static void Tick(FakeTimeProvider clock, Func<bool> isDone, TimeSpan most)
    {
        var step = TimeSpan.FromMilliseconds(250);
        for (var passed = TimeSpan.Zero; passed < most && !isDone(); passed += step)
        {
            clock.Advance(step);

            // The loop's thread gets its turns meanwhile.
            for (var i = 0; i < 50; i++)
            {
                Thread.Yield();
            }
        }
    }
}
