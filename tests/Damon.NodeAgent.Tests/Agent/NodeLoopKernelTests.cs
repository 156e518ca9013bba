using Damon.Api.Nodes;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>The loop on a node whose kernel senses.</summary>
public class NodeLoopKernelTests
{
    private static readonly string Named = LoopWorld.Cold.Replace("\"mode\"", "\"backend\":\"Kernel\",\"mode\"", StringComparison.Ordinal);

    [Fact]
    public async Task The_kernel_senses_and_the_agent_acts_and_whoever_comes_and_goes_is_followed_and_at_the_end_the_kernel_is_given_back()
    {
        await using var world = new KernelWorld();
        var web = world.AddPod("web");
        var db = world.AddPod("db");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Target("web", Named)));

        world.Node.Run(60);

        world.Node.Done.Select(done => done.Owner).Distinct().Should().Equal(web.Containers[0]);
        world.Node.Done.Should().OnlyContain(done => done.Action.Kind == SchemeAction.Pageout);
        world.Node.Snapshot.Node.Backend.Should().Be(MonitoringBackend.Kernel);
        world.Node.Scheme("cold").Should().Match<SchemeView>(scheme => scheme.State == NodeSchemeState.Active && scheme.Targets == 1);
        world.Node.Scheme("cold").Statistics!.AppliedBytes.Should().BeGreaterThanOrEqualTo(LoopWorld.Bytes);
        world.Node.View(web.Containers[0]).Should().Match<ContainerView>(view => view.SessionProcesses == 1 && view.SessionBytes == LoopWorld.Bytes);
        world.Node.View(db.Containers[0]).SessionProcesses.Should().Be(0);
        world.Kdamond.Contexts.Should().OnlyContain(context => context.Schemes.All(scheme => scheme.Action == SchemeAction.Stat), "the kernel only counts");

        // A process is forked, another program is run, a container is started again under another id, a pod comes, a pod goes.
        world.Know(web.Containers[0], web.Containers[0].Fork());
        web.Containers[0].Exec(web.Containers[0].Processes[0].Pid);
        var second = world.AddPod("web");
        world.Node.Run(30);
        world.Sensed().Should().BeEquivalentTo([.. web.Containers[0].Processes, .. second.Containers[0].Processes]);
        var gone = second.Containers[0].Processes[0].Pid;
        world.Exit(web.Containers[0], web.Containers[0].Processes[0]);
        world.Remove(second);
        world.Node.Run(60);
        world.Sensed().Should().Equal(web.Containers[0].Processes);
        world.Kdamond.Context!.Targets.Should().NotContain(target => target.Pid == gone);

        world.Node.Loop.Stop();

        (world.Taken, world.Released, world.Kdamond.IsOn).Should().Be((1, 1, false));
        (world.Node.Opened - world.Node.Closed).Should().Be(0);
        world.Node.Violations.Should().BeEmpty();
        world.Node.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public async Task Schemes_that_change_keep_what_the_kernel_has_learned()
    {
        await using var world = new KernelWorld();
        world.AddPod("web");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", Named.Replace("20s", "40s", StringComparison.Ordinal)));
        world.Node.Run(30);
        world.Node.Done.Should().BeEmpty();
        var (session, target) = (world.Node.Loop.Session, world.Node.Loop.Session!.Targets[0]);

        world.Node.PutPlan(PlanDocuments.Scheme("cold", Named), PlanDocuments.Scheme("count", """{"action":{"type":"Stat"},"target":{"podSelector":{}}}""", rank: 2));
        world.Node.Run(10);

        world.Node.Done.Should().NotBeEmpty("its age was known");
        world.Node.Loop.Session.Should().BeSameAs(session);
        session!.Targets.Should().Equal(target);
        (world.Taken, world.Kdamond.Starts).Should().Be((1, 1));
    }

    [Theory]
    [InlineData("taken")]
    [InlineData("lost")]
    public async Task Where_the_kernel_is_somebody_elses_Auto_says_so_and_goes_on_without_it(string how)
    {
        await using var world = new KernelWorld();
        world.AddPod("web");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", LoopWorld.Cold));
        if (how == "taken")
        {
            world.TakeError = new HostError(HostErrorKind.Busy, "kdamonds", "it is somebody else's");
        }
        else
        {
            world.Node.Run(60);
            world.Node.Snapshot.Node.Backend.Should().Be(MonitoringBackend.Kernel);
            world.Node.Done.Should().NotBeEmpty();
            world.Kdamond.Verification = new KernelOutcome(KernelOutcomeKind.Overwritten, "it is somebody else's");
        }

        world.Node.Run(5);

        world.Node.Scheme("cold").Should().Match<SchemeView>(scheme =>
            scheme.State == NodeSchemeState.Degraded && scheme.Reason == "BackendLost" && scheme.Message.Contains("it is somebody else's", StringComparison.Ordinal));
        world.Node.Told.Should().Contain(text => text.Contains("Kernel cannot sense any more", StringComparison.Ordinal) && text.Contains("it is somebody else's", StringComparison.Ordinal));
        world.Kdamond.IsOn.Should().BeFalse();
        world.Released.Should().Be(1);

        world.Node.Done.Clear();
        world.Node.Run(120);
        world.Node.Snapshot.Node.Backend.Should().Be(MonitoringBackend.IdlePage);
        world.Node.Snapshot.Node.BackendMessage.Should().Contain("it is somebody else's");
        world.Node.Done.Should().NotBeEmpty();
        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Active);
        world.Taken.Should().Be(1);
        world.Node.Unexpected.Should().BeEmpty();
    }

    [Fact]
    public async Task A_scheme_that_names_the_kernel_waits_for_it()
    {
        await using var world = new KernelWorld { TakeError = new HostError(HostErrorKind.Busy, "kdamonds", "it is somebody else's") };
        world.AddPod("web");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", Named));

        var states = new List<(NodeSchemeState State, string Reason)>();
        world.Node.Run(TimeSpan.FromSeconds(60), () => states.AddRange(world.Node.Snapshot.Schemes.Select(scheme => (scheme.State, scheme.Reason))));

        // Whether it is seen waiting before the first answer is up to the kernel's thread.
        states.Distinct().Except([(NodeSchemeState.Pending, "")]).Should().Equal((NodeSchemeState.Degraded, "BackendLost"));
        world.Node.Scheme("cold").Message.Should().Contain("it is somebody else's");
        world.Node.Done.Should().BeEmpty();
        world.Kdamond.Contexts.Should().BeEmpty();
        world.Taken.Should().BeInRange(5, 7, "it is tried again every ten seconds");

        world.TakeError = null;
        world.Node.Run(60);
        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Active);
        world.Node.Done.Should().NotBeEmpty();
    }

    [Fact]
    public async Task A_bug_in_talking_to_the_kernel_is_counted_and_the_session_is_made_anew()
    {
        await using var world = new KernelWorld();
        world.AddPod("web");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", Named));
        world.Kdamond.OnRead = () =>
        {
            world.Kdamond.OnRead = null;
            throw new InvalidOperationException("bug");
        };

        world.Node.Run(5);
        world.Node.Unexpected.Should().ContainSingle().Which.Should().Contain("bug");
        (world.Released, world.Kdamond.IsOn).Should().Be((1, false));

        world.Node.Run(60);
        (world.Taken, world.Released).Should().Be((2, 1));
        world.Node.Done.Should().NotBeEmpty();
    }

    [Fact]
    public async Task The_loop_goes_on_while_the_kernel_does_not_answer()
    {
        await using var world = new KernelWorld();
        using var asking = new ManualResetEventSlim();
        using var answer = new ManualResetEventSlim();
        world.Kdamond.OnPut = () =>
        {
            asking.Set();
            answer.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
        };
        world.AddPod("web");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", Named));
        while (!asking.IsSet)
        {
            world.Node.Loop.Turn();
            if (world.Node.Loop.Driver is KernelDriver { Asked: { } pending })
            {
                SpinWait.SpinUntil(() => pending.IsCompleted || asking.IsSet, TimeSpan.FromSeconds(30)).Should().BeTrue("the kernel is taken, then asked");
            }
            else
            {
                world.Node.Time.Advance(TimeSpan.FromMilliseconds(100));
            }
        }

        var asked = ((KernelDriver)world.Node.Loop.Driver!).Asked;
        var second = world.AddPod("web");
        for (var turn = 0; turn < 60; turn++)
        {
            world.Node.Time.Advance(TimeSpan.FromSeconds(1));
            world.Node.Loop.Turn();
        }

        asked!.IsCompleted.Should().BeFalse();
        ((KernelDriver)world.Node.Loop.Driver!).Asked.Should().BeSameAs(asked);
        world.Node.Snapshot.At.Should().Be(world.Node.Clock.GetUtcNow());
        world.Node.View(second.Containers[0]).SessionProcesses.Should().Be(1);
        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Pending);

        answer.Set();
        world.Node.Run(60);
        world.Node.Scheme("cold").State.Should().Be(NodeSchemeState.Active);
        world.Node.Done.Select(done => done.Owner).Should().Contain(second.Containers[0]);
    }

    [Fact]
    public async Task Half_a_budget_stays_half_a_budget_when_the_pod_runs_another_program()
    {
        await using var world = new KernelWorld();
        var pod = world.AddPod("web");
        world.Node.PutPlan(PlanDocuments.Scheme("cold", Named));
        world.Node.Run(10);
        world.Node.Host.Write(pod.Directory + "/memory.pressure", RailPod.Pressure(9));
        world.Node.Run(20);
        world.Node.Host.Write(pod.Directory + "/memory.pressure", RailPod.Pressure());
        world.Node.Run(130);
        world.Node.Loop.Session!.Targets[0].BudgetShare.Should().Be(0.5);

        var process = pod.Containers[0].Processes[0];
        pod.Containers[0].Exec(process.Pid);
        world.Node.Run(4);

        world.Node.Loop.Session!.EndedTargets.Should().ContainSingle().Which.Id.Should().Be(process.Pid);
        world.Node.Loop.Session.Targets.Should().ContainSingle().Which.BudgetShare.Should().Be(0.5);
    }

    /// <summary>A node with a kernel that senses: every process of a pod has cold memory.</summary>
    private sealed class KernelWorld : IKernelInterface, IAsyncDisposable
    {
        private readonly KernelWorker _worker = new(TimeProvider.System, KernelSensing.WorkerOptions);

        public KernelWorld()
        {
            var time = new VirtualTime();
            Kdamond = new SensingKdamond(time);
            Node = new LoopWorld(clock: new PatientTime(time))
            {
                Sensing = () => new KernelSensing(this, _worker),
                Backends = requested => requested switch
                {
                    RequestedBackend.Auto or RequestedBackend.Kernel => new(MonitoringBackend.Kernel, "Available", "it is simulated"),
                    RequestedBackend.IdlePage => new(MonitoringBackend.IdlePage, "Available", "it is simulated."),
                    _ => new(null, "Unsupported", "it is not there"),
                },
            };
            Node.Host.Write("/proc/uptime", "5000.00 1.00\n");

            // How long the kernel takes to simulate says nothing about how often it may be read.
            Node.PutConfig("Enforce", ",\"ceilings\":{\"agentCpu\":\"100%\"}");
        }

        public LoopWorld Node { get; }

        public SensingKdamond Kdamond { get; }

        public HostError? TakeError { get; set; }

        public int Taken { get; private set; }

        public int Released { get; private set; }

        public FakePod AddPod(string app)
        {
            var pod = Node.AddPod(edit: LoopWorld.App(app));
            Know(pod.Containers[0], pod.Containers[0].Processes[0]);
            Node.Report();
            return pod;
        }

        /// <summary>The kernel knows a process, and the host its mappings.</summary>
        public void Know(FakeContainer container, ProcessIdentity process)
        {
            container.Has(process).Should().BeTrue();
            var range = new AddressRange(1 << 20, (1 << 20) + LoopWorld.Bytes);
            Node.Host.Write($"/proc/{process.Pid}/maps", $"{range.Start:x}-{range.End:x} rw-p 00000000 00:00 0\n");
            Kdamond.Process(process.Pid, new SimulatedMemory([range], 0, new RandomSource((ulong)process.Pid)));
        }

        public void Exit(FakeContainer container, ProcessIdentity process)
        {
            container.Exit(process.Pid);
            Kdamond.End(process.Pid);
        }

        public void Remove(FakePod pod)
        {
            var processes = pod.Containers.SelectMany(container => container.Processes).ToList();
            Node.Remove(pod);
            processes.ForEach(process => Kdamond.End(process.Pid));
            Node.Report();
        }

        /// <summary>The processes whose memory the session knows.</summary>
        public IEnumerable<ProcessIdentity> Sensed() => Node.Loop.Session!.Targets.Where(target => target.Regions.Count > 0)
            .Select(target => Node.Node.OwnerOf(target.Id)!.Processes.Single(process => process.Pid == target.Id));

        public HostResult<IKdamond> Take()
        {
            Taken++;
            return TakeError is { } error ? error : Kdamond;
        }

        public KernelOutcome Release()
        {
            Released++;
            return KernelOutcome.Done;
        }

        public async ValueTask DisposeAsync()
        {
            Node.Dispose();
            await _worker.DisposeAsync();
        }
    }
}
