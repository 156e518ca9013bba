using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Standalone;
using Damon.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Damon.NodeAgent.Tests.Agent;

public class KernelDriverTests
{
    private const ulong MiB = 1 << 20;

    /// <summary>Every process's memory: the first part is never accessed, the second one all the time.</summary>
    private static readonly AddressRange ColdPart = new(64 * MiB, 256 * MiB);
    private static readonly AddressRange HotPart = new(256 * MiB, 320 * MiB);

    [Fact]
    public async Task A_kernel_that_is_somebody_elses_is_a_reason_and_is_not_touched()
    {
        await using var world = new World { OnTake = () => new HostError(HostErrorKind.Busy, "kdamonds", "it is somebody else's") };
        world.Start(42);

        world.Run(1);
        world.Driver.Turn().Should().BePositive();

        world.Driver.Failure.Should().Contain("it is somebody else's");
        world.Taken.Should().Be(1, "a driver that has failed is at its end");
        world.Kdamond.Contexts.Should().BeEmpty();
        world.Bugs.Should().BeEmpty();
    }

    [Theory]
    [InlineData("taking")]
    [InlineData("reading")]
    public async Task A_bug_in_talking_to_the_kernel_comes_out_of_a_turn_for_the_loop_to_count(string where)
    {
        await using var world = new World();
        world.Start(42);
        if (where == "taking")
        {
            world.OnTake = () => throw new InvalidOperationException("bug");
        }
        else
        {
            world.Kdamond.OnRead = () => throw new InvalidOperationException("bug");
        }

        world.Invoking(one => one.Run(5)).Should().Throw<InvalidOperationException>().WithMessage("bug");

        world.Driver.Dispose();
        world.Released.Should().Be(1);
        world.Kdamond.IsOn.Should().BeFalse();
    }

    [Fact]
    public async Task A_turn_never_waits_for_the_kernel_and_asks_it_one_thing_at_a_time_and_the_loop_is_woken_by_the_answer()
    {
        await using var world = new World();
        using var answer = new ManualResetEventSlim();
        world.Start(42);
        world.Kdamond.OnPut = () => answer.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
        world.Driver.Turn();
        world.AwaitKernel();
        SpinWait.SpinUntil(() => world.Wakes == 1, TimeSpan.FromSeconds(30)).Should().BeTrue("the kernel was taken");

        for (var turn = 0; turn < 100; turn++)
        {
            world.Driver.Turn();
        }

        SpinWait.SpinUntil(() => world.Worker is { Occupied: not null, Waiting: 0 }, TimeSpan.FromSeconds(30)).Should().BeTrue("it was asked once");
        world.Driver.Asked!.IsCompleted.Should().BeFalse();
        world.Wakes.Should().Be(1);
        world.Driver.Session.Targets.Should().BeEmpty("nothing is known of it yet");

        answer.Set();
        SpinWait.SpinUntil(() => world.Wakes == 2, TimeSpan.FromSeconds(30)).Should().BeTrue("the kernel has answered");
        world.Driver.Turn();
        world.Driver.Session.Targets.Select(target => target.Id).Should().Equal(42);
    }

    [Fact]
    public async Task What_the_kernel_finds_is_what_the_session_knows()
    {
        await using var world = new World();
        world.Start(42);

        world.Run(10);

        var regions = world.Driver.Session.Targets.Should().ContainSingle().Subject.Regions;
        regions.TotalBytes.Should().Be(ColdPart.SizeBytes + HotPart.SizeBytes);
        var samples = MonitoringIntervals.Default.SamplesPerAggregation;
        regions.LastAccesses[regions.FindEndingAfter(ColdPart.Start + (64 * MiB))].Should().Be(0);
        regions.LastAccesses[regions.FindEndingAfter(HotPart.Start + (32 * MiB))].Should().BeGreaterThan(samples / 2);
        world.Driver.Session.Elapsed.Should().BeCloseTo(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        world.Driver.Probes.Should().BePositive();
        world.Kdamond.Contexts.Should().OnlyContain(context => context.Schemes.All(scheme => scheme.Action == SchemeAction.Stat), "the kernel only counts");
    }

    [Fact]
    public async Task Hot_and_cold_memory_is_acted_on_through_the_guard_of_its_process()
    {
        await using var world = new World();
        world.Start(42, "a");
        world.Start(43, "b");

        world.Run(20);

        foreach (var pid in new[] { 42, 43 })
        {
            var memory = world.Memory(pid);
            memory.PagedOutBytes.Should().BeGreaterThan(ColdPart.SizeBytes / 2);
            memory.MovedBytes.Should().BeGreaterThan(HotPart.SizeBytes / 2);
            memory.FalsePositiveBytes.Should().BeLessThan(ColdPart.SizeBytes / 20);
            Acted(pid, SchemeAction.Pageout).Should().Be(memory.PagedOutBytes);
            Acted(pid, SchemeAction.MigrateHot).Should().Be(memory.MovedBytes);
        }

        ulong Acted(int pid, SchemeAction action) => world.Acts.Where(act => act.Pid == pid && act.Action == action).Aggregate(0UL, (sum, act) => sum + act.Bytes);
    }

    [Fact]
    public async Task What_the_guard_holds_is_not_done()
    {
        await using var world = new World { IsHeld = true };
        world.Start(42);

        world.Run(20);

        (world.Memory(42).PagedOutBytes, world.Memory(42).MovedBytes).Should().Be((0UL, 0UL));
        world.Driver.Session.Schemes.Select(scheme => scheme.Statistics.HeldBy).Should().Equal("the test", "the test");
    }

    [Fact]
    public async Task A_scheme_acts_only_on_the_containers_that_it_has()
    {
        await using var world = new World();
        world.Start(42, "a").Container.Schemes = ["cold"];
        world.Start(43, "b").Container.Schemes = ["hot"];

        world.Run(20);

        world.Acts.Select(act => (act.Pid, act.Action)).Distinct().Should().BeEquivalentTo([(42, SchemeAction.Pageout), (43, SchemeAction.MigrateHot)]);
    }

    [Fact]
    public async Task Processes_come_and_go_and_those_that_stay_keep_what_was_learned()
    {
        await using var world = new World { Schemes = [Watch("watch")] };
        world.Start(42, "a");
        world.Run(10);
        var stays = world.Driver.Session.Targets[0];
        world.Start(43, "b");
        world.Run(5);
        world.Driver.Session.Targets.Select(target => (target.Id, target.Group)).Should().Equal((42, "a"), (43, "b"));

        world.Driver.Remove(world.Identity(43), "it left");
        world.Driver.Session.EndedTargets.Should().ContainSingle().Which.Should().Match<EndedTarget>(target => target.Id == 43 && target.State == TargetState.Removed && target.Reason == "it left");
        world.Run(5);

        world.Driver.Session.Targets.Should().Equal(stays);
        stays.Regions.Ages.ToArray().Max().Should().BeGreaterThan(150, "twenty seconds are two hundred aggregations");
        world.Kdamond.Context!.Targets.Should().NotContain(target => target.Pid == 43);
        world.Kdamond.Starts.Should().Be(1);
        world.TakeEnded().Should().BeEmpty("who was taken out has not ended");
        world.Driver.Has(world.Identity(43)).Should().BeFalse();
        world.Closed.Should().Equal(43);
    }

    [Fact]
    public async Task A_process_that_ends_is_told_once_and_without_processes_the_kernel_rests_until_one_comes()
    {
        await using var world = new World();
        world.Start(42);
        world.Run(5);

        world.Exit(42);
        world.Run(5);

        world.TakeEnded().Should().Equal(new EndedProcess(new ProcessIdentity(42, 1000), TargetState.Gone, "the process has exited"));
        world.TakeEnded().Should().BeEmpty();
        world.Driver.Session.Targets.Should().BeEmpty();
        world.Kdamond.IsOn.Should().BeFalse();

        var asked = world.Asked;
        world.Run(600);
        world.Asked.Should().Be(asked, "nobody is there to ask about");

        world.Start(43);
        world.Run(5);
        world.Driver.Session.Targets.Select(target => target.Id).Should().Equal(43);
        world.Driver.Session.Targets[0].Regions.Count.Should().BePositive();
    }

    [Fact]
    public async Task A_process_that_runs_another_program_is_a_new_target_and_the_others_keep_what_was_learned()
    {
        await using var world = new World { Schemes = [Watch("watch")] };
        world.Start(42);
        world.Start(43);
        world.Run(10);
        var (before, other) = (world.Driver.Session.Targets[0], world.Driver.Session.Targets[1]);

        world.Process(42).Exec();
        world.Run(5);

        var after = world.Driver.Session.Targets.Single(target => target.Id == 42);
        after.Should().NotBeSameAs(before);
        before.State.Should().Be(TargetState.Gone);
        after.Regions.Ages.ToArray().Max().Should().BeLessThan(60, "what was known was of another program's memory");
        world.Driver.Session.EndedTargets.Should().ContainSingle().Which.Reason.Should().Contain("another program");
        world.Driver.Session.Targets.Should().Contain(other);
        other.Regions.Ages.ToArray().Max().Should().BeGreaterThan(110);
        world.TakeEnded().Should().BeEmpty("the process is there");
        world.Closed.Should().Equal(42);
        world.Opened.Should().Equal(42, 43, 42);
        world.Kdamond.Starts.Should().Be(1);
    }

    [Fact]
    public async Task A_process_alone_that_runs_another_program_is_found_again()
    {
        await using var world = new World();
        world.Start(42);
        world.Run(5);

        world.Process(42).Exec();
        world.Run(5);

        world.Opened.Should().Equal(42, 42);
        world.Driver.Session.Targets.Should().ContainSingle().Which.Regions.Count.Should().BePositive();
    }

    [Fact]
    public async Task A_pid_that_is_another_processs_now_is_not_taken_for_the_one_that_had_it()
    {
        await using var world = new World();
        world.Start(42, "a");
        world.Run(5);
        var before = world.Driver.Session.Targets[0];
        var was = world.Identity(42);

        world.Process(42).BeReplaced(startTimeTicks: 2000);
        world.Driver.Add(world.Target(42, "b"));
        world.Run(5);

        world.TakeEnded().Should().ContainSingle().Which.Process.Should().Be(was);
        world.Driver.Session.Targets.Should().ContainSingle().Which.Should().Match<SessionTarget>(target => target != before && target.Group == "b");
        world.Driver.Remove(was, "it left");
        world.Driver.Session.Targets.Should().ContainSingle("what left had its pid, and was another one");
    }

    [Fact]
    public async Task A_process_that_vanishes_while_the_kernel_is_told_of_it_holds_nobody_up()
    {
        await using var world = new World();
        world.Start(42);
        world.Start(43);
        world.Kdamond.OnPut = () =>
        {
            world.Kdamond.OnPut = null;
            world.Exit(42);
        };

        world.Run(5);

        world.Driver.Failure.Should().BeEmpty();
        world.Driver.Session.Targets.Select(target => target.Id).Should().Equal(43);
        world.Memory(43).PagedOutBytes.Should().BePositive();
        world.TakeEnded().Select(ended => (ended.Process.Pid, ended.State)).Should().Equal((42, TargetState.Gone));
    }

    [Fact]
    public async Task A_process_that_is_gone_when_it_is_opened_is_told_and_one_that_may_not_be_opened_is_a_reason()
    {
        await using var world = new World();
        world.OnOpen = process => process.Pid switch
        {
            42 => new HostError(HostErrorKind.Vanished, "/proc/42"),
            43 => new HostError(HostErrorKind.Denied, "/proc/43", "a right is missing"),
            _ => null,
        };
        world.Start(42);
        world.Start(43);
        world.Start(44);

        world.Run(5);

        world.TakeEnded().Select(ended => (ended.Process.Pid, ended.State, ended.Reason)).Should().Equal(
            (42, TargetState.Gone, "/proc/42: Vanished"), (43, TargetState.Denied, "/proc/43: Denied: a right is missing"));
        world.Driver.Session.Targets.Select(target => target.Id).Should().Equal(44);
        world.Kdamond.Context!.Targets.Should().NotContain(target => target.Pid == 42 || target.Pid == 43, "the kernel need not look at what nobody acts on");
    }

    [Fact]
    public async Task A_bug_met_in_taking_in_a_process_isolates_its_container_and_nothing_else()
    {
        await using var world = new World();
        world.OnOpen = process => process.Pid == 42 ? throw new InvalidOperationException("bug") : (HostError?)null;
        world.Start(42, "a");
        world.Start(43, "b");

        world.Run(5);

        world.Driver.Failure.Should().BeEmpty();
        world.Driver.Session.Targets.Select(target => target.Id).Should().Equal(43);
        world.Memory(43).PagedOutBytes.Should().BePositive();
        world.Bugs.Should().ContainSingle().Which.Should().Contain("bug");
        (world.Faults.IsIsolated("containerd://a"), world.Faults.IsIsolated("containerd://b")).Should().Be((true, false));
        world.TakeEnded().Should().ContainSingle().Which.Should().Match<EndedProcess>(ended => ended.Process.Pid == 42 && ended.State == TargetState.Unsupported);
    }

    [Fact]
    public async Task Who_is_taken_out_while_the_kernel_is_asked_does_not_come_back_with_its_answer()
    {
        await using var world = new World();
        world.Start(42);
        world.Start(43);
        world.Run(1);

        world.WhileTheKernelReads(() => world.Driver.Remove(world.Identity(42), "it left"));
        world.Run(5);

        world.Driver.Session.Targets.Select(target => target.Id).Should().Equal(43);
        world.Opened.Should().Equal(42, 43);
        world.TakeEnded().Should().BeEmpty();
        world.Kdamond.Context!.Targets.Should().NotContain(target => target.Pid == 42);
    }

    [Fact]
    public async Task Who_is_taken_out_before_the_kernel_has_first_answered_is_never_opened()
    {
        await using var world = new World();
        using var answer = new ManualResetEventSlim();
        world.Start(42);
        world.Start(43);
        world.Kdamond.OnPut = () => answer.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
        world.Driver.Turn();
        world.AwaitKernel();
        world.Driver.Turn();
        world.Driver.Turn();

        world.Driver.Remove(world.Identity(42), "it left");
        answer.Set();
        world.Run(5);

        world.Opened.Should().Equal(43);
        world.Driver.Session.Targets.Select(target => target.Id).Should().Equal(43);
    }

    [Fact]
    public async Task Who_is_in_another_pod_when_the_kernel_answers_is_the_other_pods()
    {
        await using var world = new World();
        world.Start(42, "a");
        world.Run(1);

        world.WhileTheKernelReads(() =>
        {
            world.Driver.Remove(world.Identity(42), "it is another's");
            world.Driver.Add(world.Target(42, "b"));
        });
        world.Run(5);

        world.Driver.Session.Targets.Should().ContainSingle().Which.Group.Should().Be("b");
        (world.Opened.Count, world.Closed.Count).Should().Be((2, 1));
        world.Acts[^1].Pod.Should().Be("b");
    }

    [Fact]
    public async Task A_pod_whose_budget_the_rails_have_halved_has_half_of_it_whenever_its_processes_come()
    {
        await using var world = new World { BudgetShare = 0.5 };
        world.Start(42, "a");
        world.Run(2);
        world.Driver.Session.Targets[0].BudgetShare.Should().Be(0.5);

        world.Process(42).Exec();
        world.Run(5);
        world.Opened.Should().Equal(42, 42);
        world.Driver.Session.Targets[0].BudgetShare.Should().Be(0.5, "another program in the same pod has no other budget");
    }

    [Fact]
    public async Task Changed_schemes_keep_what_was_learned_and_what_was_counted()
    {
        await using var world = new World { Schemes = [Watch("watch")] };
        world.Start(42).Container.Schemes = ["hot", "watch"];
        world.Run(20);
        var (target, scheme) = (world.Driver.Session.Targets[0], world.Driver.Session.Schemes[0]);
        var matched = scheme.Statistics.MatchedRegions;
        matched.Should().BePositive();
        var asked = world.Kdamond.Contexts.Count;

        world.Driver.Commit(PlanOf(Hot("hot"), Watch("watch"))).Should().BeEmpty();
        world.Run(2);

        world.Driver.Session.Schemes.Select(one => one.Description.Name).Should().Equal("hot", "watch");
        world.Driver.Session.Schemes[1].Should().BeSameAs(scheme);
        scheme.Statistics.MatchedRegions.Should().BeGreaterThan(matched);
        world.Driver.Session.Targets.Should().Equal(target);
        target.Regions.Ages.ToArray().Max().Should().BeGreaterThan(170);
        world.Kdamond.Starts.Should().Be(1);
        world.Kdamond.Contexts.Count.Should().Be(asked + 1, "the kernel is asked for what the new scheme means, too");
        world.Acts.Should().NotBeEmpty().And.OnlyContain(act => act.Action == SchemeAction.MigrateHot);
    }

    [Fact]
    public async Task A_plan_that_cannot_be_carried_out_changes_nothing()
    {
        await using var world = new World();
        world.Start(42);
        world.Run(5);
        var (plan, asked) = (world.Driver.Session.Plan, world.Kdamond.Contexts.Count);

        world.Driver.Commit(PlanOf(Cold("twice"), Cold("twice"))).Should().NotBeEmpty();
        world.Run(5);

        world.Driver.Session.Plan.Should().BeSameAs(plan);
        world.Kdamond.Contexts.Count.Should().Be(asked);
        world.Driver.Failure.Should().BeEmpty();
    }

    [Fact]
    public async Task Regions_are_read_no_more_often_than_schemes_are_applied()
    {
        await using var world = new World { Schemes = [Cold("cold") with { ApplyInterval = TimeSpan.FromSeconds(5) }] };
        world.Start(42);

        world.Run(60);

        world.Kdamond.Reads.Should().BeInRange(10, 13);
    }

    [Fact]
    public async Task A_kdamond_that_was_turned_off_is_started_again_and_what_it_had_learned_is_forgotten_and_that_is_told()
    {
        await using var world = new World { Schemes = [Watch("watch")] };
        world.Start(42);
        world.Run(20);
        var target = world.Driver.Session.Targets[0];

        world.Kdamond.TurnOff();
        world.Run(5);

        world.Driver.Failure.Should().BeEmpty();
        world.Kdamond.Starts.Should().Be(2);
        world.Told.Should().ContainSingle().Which.Should().Contain("turned it off");
        world.Driver.Session.Targets.Should().Equal(target);
        target.Regions.Ages.ToArray().Max().Should().BeInRange(10, 60);
    }

    [Fact]
    public async Task The_loss_of_the_kernel_is_a_reason_and_nothing_is_asked_and_nothing_done_any_more()
    {
        await using var world = new World();
        world.Start(42);
        world.Run(5);
        world.Kdamond.Verification = new KernelOutcome(KernelOutcomeKind.Overwritten, "somebody else writes there");

        world.Run(5);
        var (asked, acts) = (world.Asked, world.Acts.Count);
        world.Driver.Turn();

        world.Driver.Failure.Should().Be("somebody else writes there");
        world.Driver.Asked.Should().BeNull();
        (world.Asked, world.Acts.Count).Should().Be((asked, acts));
        world.Kdamond.IsOn.Should().BeFalse();
    }

    [Fact]
    public async Task The_end_closes_every_actor_and_gives_the_kernel_back_turned_off()
    {
        await using var world = new World();
        world.Start(42);
        world.Start(43);
        world.Run(5);

        world.Driver.Dispose();

        world.Closed.Should().BeEquivalentTo([42, 43]);
        world.Kdamond.IsOn.Should().BeFalse();
        (world.Taken, world.Released).Should().Be((1, 1));
        world.Told.Should().BeEmpty();
    }

    [Fact]
    public async Task A_kernel_that_was_not_asked_for_is_not_given_back()
    {
        await using var world = new World();
        world.Start(42);

        world.Driver.Dispose();

        (world.Taken, world.Released).Should().Be((0, 0));
    }

    [Fact]
    public async Task What_could_not_be_given_back_is_told()
    {
        await using var world = new World { Releasing = new KernelOutcome(KernelOutcomeKind.Overwritten, "somebody else writes there") };
        world.Start(42);
        world.Run(5);

        world.Driver.Dispose();

        world.Told.Should().ContainSingle().Which.Should().Contain("could not be given back: somebody else writes there");
    }

    [Fact]
    public async Task The_end_does_not_wait_for_a_kernel_that_does_not_answer_and_it_is_given_back_when_it_does()
    {
        var clock = new FakeTimeProvider();
        await using var world = new World(clock);
        using var answer = new ManualResetEventSlim();
        world.Start(42);
        world.Kdamond.OnPut = () => answer.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
        world.Driver.Turn();
        world.AwaitKernel();
        SpinWait.SpinUntil(() => world.Wakes == 1, TimeSpan.FromSeconds(30)).Should().BeTrue("the kernel was taken");
        world.Driver.Turn();
        world.Driver.Turn();
        var asked = world.Driver.Asked!;

        var began = clock.GetUtcNow();
        var end = new Thread(world.Driver.Dispose) { IsBackground = true };
        end.Start();
        SpinWait.SpinUntil(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(100));
                return end.Join(TimeSpan.Zero);
            },
            TimeSpan.FromSeconds(20)).Should().BeTrue("the end has an end");

        (clock.GetUtcNow() - began).Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(6), "an answer may take a while");
        asked.IsCompleted.Should().BeFalse();
        world.Told.Should().ContainSingle().Which.Should().Contain("could not be given back: the kernel has not answered within 6 s");
        world.Released.Should().Be(0);

        answer.Set();
        SpinWait.SpinUntil(() => world.Released == 1, TimeSpan.FromSeconds(30)).Should().BeTrue("what was asked last is done last");
        world.Kdamond.IsOn.Should().BeFalse();
        SpinWait.SpinUntil(() => asked.IsCompleted, TimeSpan.FromSeconds(30)).Should().BeTrue();
        world.Wakes.Should().Be(1, "there is no loop any more");
    }

    private static SchemeDescription Cold(string name) =>
        new(name, SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) }) { Mode = SchemeMode.Enforce };

    private static SchemeDescription Hot(string name) =>
        new(name, SchemeAction.MigrateHot, new AccessPattern { MinRate = AccessRate.FromPercent(50) }) { Mode = SchemeMode.Enforce, Destinations = [new MigrationDestination(1)] };

    /// <summary>Looks at cold memory, and does nothing, so that ages are those that the kernel has found.</summary>
    private static SchemeDescription Watch(string name) => new(name, SchemeAction.Stat, new AccessPattern { MaxRate = AccessRate.Never });

    private static MonitoringPlan PlanOf(params SchemeDescription[] schemes) => new(MonitoringIntervals.Default, RegionLimits.Default, schemes);

    /// <summary>One driver, a kernel that answers on its thread, and processes; time goes on only while nobody works.</summary>
    private sealed class World(TimeProvider? clock = null) : ITargetFactory, IKernelInterface, IAgentLog, IAsyncDisposable
    {
        private readonly Dictionary<int, (FakeProcess Process, SimulatedMemory Memory)> _processes = [];
        private readonly FakeHost _host = FakeHost.With(("/proc/uptime", "5000.00 1.00\n"));
        private readonly VirtualTime _time = new();
        private int _wakes;

        public SensingKdamond Kdamond => field ??= new SensingKdamond(_time);

        public KernelWorker Worker { get; } = new(TimeProvider.System, KernelSensing.WorkerOptions);

        public FaultBook Faults => field ??= new FaultBook(_time, this);

        public KernelDriver Driver => field ??= new KernelDriver(
            _host.Root,
            clock ?? new PatientTime(_time),
            _time,
            new KernelSensing(this, Worker),
            new TargetOpener(this, stalls: null),
            Faults,
            PlanOf(Schemes),
            cpuCeiling: 1,
            new HostSystemMemory(_host.Root),
            this,
            () => Interlocked.Increment(ref _wakes));

        public SchemeDescription[] Schemes { get; init; } = [Cold("cold"), Hot("hot")];

        public Func<HostError?> OnTake { get; set; } = () => null;

        public Func<ProcessIdentity, HostError?> OnOpen { get; set; } = _ => null;

        public KernelOutcome Releasing { get; init; } = KernelOutcome.Done;

        public bool IsHeld { get; init; }

        public double BudgetShare { get; init; } = 1;

        public int Taken { get; private set; }

        public int Released { get; private set; }

        public int Wakes => Volatile.Read(ref _wakes);

        /// <summary>How often the kernel was asked for anything.</summary>
        public int Asked { get; private set; }

        public List<string> Told { get; } = [];

        public List<string> Bugs { get; } = [];

        public List<int> Opened { get; } = [];

        public List<int> Closed { get; } = [];

        public List<(int Pid, string Pod, SchemeAction Action, ulong Bytes)> Acts { get; } = [];

        private TimeSpan Now => _time.GetElapsedTime(0);

        public FakeProcess Process(int pid) => _processes[pid].Process;

        public ProcessIdentity Identity(int pid) => Process(pid).Identity;

        public SimulatedMemory Memory(int pid) => _processes[pid].Memory;

        /// <summary>A process starts, and the driver has it.</summary>
        public DrivenTarget Start(int pid, string pod = "a")
        {
            var process = _host.Process(pid, mappings: [new(ColdPart.Start, ColdPart.End), new(HotPart.Start, HotPart.End)]);
            var memory = new SimulatedMemory([ColdPart, HotPart], 0, new RandomSource((ulong)pid));
            memory.SetAccess(1, new SimulatedAccess(HotPart.SizeBytes / 4096 * 1000.0));
            _processes[pid] = (process, memory);
            Kdamond.Process(pid, memory);
            var target = Target(pid, pod);
            Driver.Add(target).Should().BeNull();
            return target;
        }

        public DrivenTarget Target(int pid, string pod)
        {
            var process = Identity(pid);
            var memory = new ContainerMemory(pod, "shop", "pod-" + pod, "c", ContainerKind.App, "containerd://" + pod, null, null, [process], 0, 0);
            var container = new ServedContainer(memory) { Schemes = [.. Schemes.Select(scheme => scheme.Name)] };
            return new DrivenTarget(process, container, actor => new WatchedActor(this, pid, pod, actor), () => BudgetShare);
        }

        public void Exit(int pid)
        {
            Process(pid).Vanish();
            Kdamond.End(pid);
        }

        public void Run(double seconds)
        {
            for (var until = Now + TimeSpan.FromSeconds(seconds); Driver.Failure.Length == 0 && (Now < until || Driver.Asked is not null);)
            {
                var before = Driver.Asked;
                var wait = Driver.Turn();
                if (AwaitKernel(before) || wait <= TimeSpan.Zero)
                {
                    continue;
                }

                var left = until - Now;
                _time.Advance(wait < left ? wait : left > TimeSpan.Zero ? left : TimeSpan.Zero);
            }
        }

        /// <returns>Whether the kernel was asked for something, and has answered.</returns>
        public bool AwaitKernel(Task? before = null)
        {
            if (Driver.Asked is not { } asked)
            {
                return false;
            }

            Asked += ReferenceEquals(asked, before) ? 0 : 1;
            SpinWait.SpinUntil(() => asked.IsCompleted, TimeSpan.FromSeconds(30)).Should().BeTrue("the kernel answers");
            return true;
        }

        /// <summary>Does something while the kernel is being read.</summary>
        public void WhileTheKernelReads(Action action)
        {
            using var reading = new ManualResetEventSlim();
            using var done = new ManualResetEventSlim();
            Kdamond.OnRead = () =>
            {
                Kdamond.OnRead = null;
                reading.Set();
                done.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
            };
            while (!reading.IsSet)
            {
                var wait = Driver.Turn();
                if (Driver.Asked is { } asked)
                {
                    SpinWait.SpinUntil(() => asked.IsCompleted || reading.IsSet, TimeSpan.FromSeconds(30)).Should().BeTrue("the kernel answers or is read");
                }
                else
                {
                    _time.Advance(wait);
                }
            }

            action();
            done.Set();
            AwaitKernel();
        }

        public List<EndedProcess> TakeEnded()
        {
            var ended = new List<EndedProcess>();
            Driver.TakeEnded(ended);
            return ended;
        }

        public HostResult<IAccessProbe> OpenProbe(ProcessIdentity process) => throw new InvalidOperationException("The kernel senses.");

        public HostResult<IMemoryActor> OpenActor(ProcessIdentity process)
        {
            if (OnOpen(process) is { } error)
            {
                return error;
            }

            Opened.Add(process.Pid);
            return Memory(process.Pid);
        }

        public HostResult<IKdamond> Take()
        {
            Taken++;
            return OnTake() is { } error ? error : Kdamond;
        }

        public KernelOutcome Release()
        {
            Released++;
            return Releasing;
        }

        public void Info(string message) => Told.Add(message);

        public void Unexpected(string what, Exception exception) => Bugs.Add($"{what}: {exception.Message}");

        public async ValueTask DisposeAsync()
        {
            Driver.Dispose();
            await Worker.DisposeAsync();
            _host.Dispose();
        }
    }

    /// <summary>The guard of a process: it writes down what is done, or lets nothing be done.</summary>
    private sealed class WatchedActor(World world, int pid, string pod, IMemoryActor inner) : IMemoryActor
    {
        public string LastError => world.IsHeld ? "the test" : inner.LastError;

        public ActionOutcome ReadResident(out ulong residentBytes) => inner.ReadResident(out residentBytes);

        public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default) =>
            inner.Measure(action, range, maxBytes, out reach, filters);

        public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
        {
            if (world.IsHeld)
            {
                return new ActionResult(ActionOutcome.Held, 0, 0);
            }

            var result = inner.Apply(action, ranges, filters);
            world.Acts.Add((pid, pod, action.Kind, result.EffectBytes));
            return result;
        }

        public void Dispose()
        {
            world.Closed.Add(pid);
            inner.Dispose();
        }
    }
}
