using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Recordings;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Standalone;

public class StandaloneRunTests
{
    private const string Calm = "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

    [Fact]
    public void Cold_memory_of_a_process_is_acted_on_and_the_run_ends_in_time()
    {
        using var world = new World();
        world.Process(42);

        var end = world.Run([42], TimeSpan.FromSeconds(20));

        end.Should().Be(RunEnd.Duration);
        world.Memory(42).Applied.Should().NotBeEmpty();
        world.Observer.Started.Should().Be(1);
        world.Observer.Aggregations.Should().BeGreaterThan(5);
    }

    [Fact]
    public void Nothing_is_done_to_a_process_before_its_grace_is_over()
    {
        using var world = new World { StartGrace = TimeSpan.FromHours(2) };
        world.Process(42);

        world.Run([42], TimeSpan.FromSeconds(20));

        world.Memory(42).Applied.Should().BeEmpty();
        world.LastRun!.Session.Schemes[0].Statistics.HeldBy.Should().Be("StartGrace");
    }

    [Fact]
    public void Intervals_follow_their_goal_and_the_ceiling_does_not_shorten_them()
    {
        using var world = new World { Goal = new() { MaxSample = TimeSpan.FromMilliseconds(800) } };
        world.Process(42);

        world.Run([42], TimeSpan.FromSeconds(60));

        // Nothing is accessed; an age of two seconds allows aggregations of half a second.
        world.LastRun!.Session.Intervals.Sample.Should().Be(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void The_ceiling_of_the_cost_holds_against_a_goal()
    {
        using var world = new World { Goal = new() { MaxSample = TimeSpan.FromSeconds(20) }, CpuCeiling = 1e-9 };
        world.Process(42);

        world.Run([42], TimeSpan.FromMinutes(30));

        world.LastRun!.Session.SampleFloor.Should().Be(TimeSpan.FromSeconds(10));
        world.LastRun.Session.Intervals.Sample.Should().Be(TimeSpan.FromSeconds(10), "the age threshold asks for less");
    }

    [Fact]
    public void Children_are_found_while_the_run_goes_on()
    {
        using var world = new World();
        world.Process(42);
        world.Observer.OnAggregation(2, () => world.Process(43, parent: 42));

        world.Run([42], TimeSpan.FromSeconds(20));

        world.LastRun!.Session.Targets.Select(t => t.Id).Should().BeEquivalentTo([42, 43]);
        world.Memory(43).Applied.Should().NotBeEmpty();
    }

    [Fact]
    public void A_child_stays_followed_when_its_parent_ends()
    {
        using var world = new World();
        var parent = world.Process(42);
        world.Process(43, parent: 42);
        world.Observer.OnAggregation(3, () =>
        {
            world.Memory(42).CheckOutcome = ProbeOutcome.Gone;
            parent.Vanish();
        });

        var end = world.Run([42], TimeSpan.FromSeconds(20));

        end.Should().Be(RunEnd.Duration);
        world.LastRun!.Session.Targets.Should().ContainSingle().Which.Id.Should().Be(43);
        world.LastRun.Session.EndedTargets.Should().ContainSingle().Which.State.Should().Be(TargetState.Gone);
    }

    [Fact]
    public void A_process_that_executes_another_program_is_looked_at_anew()
    {
        using var world = new World();
        world.Process(42);
        var before = (ScriptedMemory?)null;
        world.Observer.OnAggregation(3, () =>
        {
            before = world.Memory(42);
            before.CheckOutcome = ProbeOutcome.Gone;
        });

        world.Run([42], TimeSpan.FromSeconds(20));

        before!.IsDisposed.Should().BeTrue();
        world.Memory(42).Applied.Should().BeEmpty("the new program's grace of five minutes has only begun, although the process is older");
        world.Memory(42).Should().NotBeSameAs(before);
        world.LastRun!.Session.Targets.Should().ContainSingle();
    }

    [Fact]
    public void The_run_ends_when_the_last_target_has_ended()
    {
        using var world = new World();
        var process = world.Process(42);
        world.Observer.OnAggregation(2, () =>
        {
            world.Memory(42).CheckOutcome = ProbeOutcome.Gone;
            process.Vanish();
        });

        world.Run([42], duration: null).Should().Be(RunEnd.TargetsGone);
    }

    [Fact]
    public void A_cancelled_run_ends_cleanly()
    {
        using var world = new World();
        world.Process(42);
        using var cancellation = new CancellationTokenSource();
        world.Observer.OnAggregation(2, cancellation.Cancel);

        world.Run([42], duration: null, interruption: cancellation).Should().Be(RunEnd.Interrupted);
        world.LastRun!.Dispose();
        world.Memory(42).IsDisposed.Should().BeTrue();
    }

    [Fact]
    public void Without_a_target_nothing_begins()
    {
        using var world = new World();

        world.Run([4711], TimeSpan.FromSeconds(1)).Should().Be(RunEnd.NoTarget);
        world.LastRun!.Rejected.Should().ContainSingle().Which.Pid.Should().Be(4711);
        world.Observer.Started.Should().Be(0);
    }

    [Fact]
    public void The_first_process_and_this_program_are_never_targets()
    {
        using var world = new World();
        world.Process(1);
        world.Process(Environment.ProcessId);

        world.Run([1, Environment.ProcessId], TimeSpan.FromSeconds(1)).Should().Be(RunEnd.NoTarget);
        world.LastRun!.Rejected.Select(r => r.Pid).Should().BeEquivalentTo([1, Environment.ProcessId]);
    }

    [Fact]
    public void One_process_that_may_not_be_looked_at_does_not_stop_the_others()
    {
        using var world = new World();
        world.Process(42);
        world.Process(43);
        world.Denied.Add(42);

        world.Run([42, 43], TimeSpan.FromSeconds(5)).Should().Be(RunEnd.Duration);
        world.LastRun!.Rejected.Should().ContainSingle().Which.Reason.Should().Contain("Denied");
        world.LastRun.Session.Targets.Should().ContainSingle().Which.Id.Should().Be(43);
    }

    [Fact]
    public void Referenced_leaves_large_processes_alone_unless_accepted()
    {
        foreach (var accepted in new[] { false, true })
        {
            using var world = new World { Backend = MonitoringBackend.Referenced, AcceptsLarge = accepted };
            world.Process(42);
            world.Host.Write("/proc/42/status", "Name:\tapp\nUid:\t0\t0\t0\t0\nVmRSS:\t 4194305 kB\n");

            world.Run([42], TimeSpan.FromSeconds(1)).Should().Be(accepted ? RunEnd.Duration : RunEnd.NoTarget);
            world.LastRun!.Rejected.Should().HaveCount(accepted ? 0 : 1);
        }
    }

    [Fact]
    public void Processes_of_a_cgroup_are_followed()
    {
        using var world = new World();
        world.Process(42);
        world.Process(43);
        world.Host.Write("/sys/fs/cgroup/app/cgroup.procs", "42\n");
        world.Observer.OnAggregation(2, () => world.Host.Write("/sys/fs/cgroup/app/cgroup.procs", "42\n43\n"));

        world.Run([], TimeSpan.FromSeconds(20), cgroups: ["/sys/fs/cgroup/app"]);

        world.LastRun!.Session.Targets.Select(t => t.Id).Should().BeEquivalentTo([42, 43]);
    }

    [Fact]
    public void A_process_that_is_moved_out_of_the_cgroup_is_left_alone()
    {
        using var world = new World();
        world.Process(42);
        world.Process(43);
        world.Host.Write("/sys/fs/cgroup/app/cgroup.procs", "42\n43\n");
        world.Observer.OnAggregation(1, () => world.Host.Write("/sys/fs/cgroup/app/cgroup.procs", "42\n"));

        world.Run([], TimeSpan.FromSeconds(20), cgroups: ["/sys/fs/cgroup/app"]);

        world.LastRun!.Session.Targets.Should().ContainSingle().Which.Id.Should().Be(42);
        world.LastRun.Session.EndedTargets.Should().ContainSingle().Which.State.Should().Be(TargetState.Removed);
        world.Memory(43).Applied.Should().BeEmpty();
    }

    [Fact]
    public void Referenced_lets_go_of_a_process_that_grows_too_large()
    {
        using var world = new World { Backend = MonitoringBackend.Referenced };
        world.Process(42);
        world.Process(43);
        world.Observer.OnAggregation(2, () => world.Host.Write("/proc/42/status", "Name:\tapp\nUid:\t0\t0\t0\t0\nVmRSS:\t 4194305 kB\n"));

        world.Run([42, 43], TimeSpan.FromSeconds(20)).Should().Be(RunEnd.Duration);

        world.LastRun!.Session.Targets.Should().ContainSingle().Which.Id.Should().Be(43);
        world.LastRun.Rejected.Should().ContainSingle().Which.Reason.Should().StartWith("LargeProcess");
    }

    [Fact]
    public void The_exit_of_a_process_is_not_shown_as_memory_given_back()
    {
        using var world = new World();
        world.Process(42);
        var other = world.Process(43);
        world.Observer.OnAggregation(3, () =>
        {
            world.Memory(43).CheckOutcome = ProbeOutcome.Gone;
            other.Vanish();
        });

        world.Run([42, 43], TimeSpan.FromSeconds(20));

        world.LastRun!.ResidentNowBytes.Should().Be(world.LastRun.ResidentBeforeBytes);
    }

    [Fact]
    public void What_was_seen_of_the_last_target_is_still_shown_when_it_has_ended()
    {
        using var world = new World();
        var process = world.Process(42);
        world.Observer.OnAggregation(3, () =>
        {
            world.Memory(42).CheckOutcome = ProbeOutcome.Gone;
            process.Vanish();
        });

        world.Run([42], duration: null).Should().Be(RunEnd.TargetsGone);

        world.LastRun!.Heatmap!.Rows.Should().HaveCount(3);
    }

    [Fact]
    public void However_long_clearing_takes_a_whole_sample_interval_is_observed_after_it()
    {
        using var world = new World();
        world.Process(42);
        var cleared = 0L;
        var observed = new List<TimeSpan>();
        world.OnOpened = memory =>
        {
            memory.OnPrepare = () =>
            {
                world.Clock.Advance(TimeSpan.FromMilliseconds(90));
                cleared = world.Clock.GetTimestamp();
            };
            memory.OnCheck = () => observed.Add(world.Clock.GetElapsedTime(cleared));
        };

        world.Run([42], TimeSpan.FromSeconds(5));

        observed.Should().NotBeEmpty().And.OnlyContain(span => span >= TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Processes_share_a_budget_with_those_of_their_control_group_or_of_their_given_ancestor()
    {
        using var world = new World();
        world.Process(42);
        world.Process(43, parent: 42);
        world.Process(50);
        world.Process(60);
        world.Process(61);
        world.Host.Write("/sys/fs/cgroup/app/cgroup.procs", "60\n61\n");
        world.Observer.OnAggregation(2, () => world.Process(44, parent: 43));

        world.Run([42, 50], TimeSpan.FromSeconds(20), cgroups: ["/sys/fs/cgroup/app"]);

        world.LastRun!.Session.Targets.ToDictionary(target => target.Id, target => target.Group).Should().BeEquivalentTo(new Dictionary<int, string>
        {
            [42] = "pid 42",
            [43] = "pid 42",
            [44] = "pid 42",
            [50] = "pid 50",
            [60] = "/sys/fs/cgroup/app",
            [61] = "/sys/fs/cgroup/app",
        });
    }

    [Fact]
    public void Goals_follow_the_hosts_own_files()
    {
        using var world = new World { Quota = new SchemeQuota { Goals = [new QuotaGoal(GoalMetric.NodeMemoryUsed, 5000) { Node = 0 }] } };
        world.Process(42);
        world.Host.Write("/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal: 1000 kB\nNode 0 MemFree: 750 kB\n");

        world.Run([42], TimeSpan.FromSeconds(5));

        var statistics = world.LastRun!.Session.Schemes[0].Statistics;
        (statistics.GoalScore, statistics.GoalError).Should().Be((5000, ""));
    }

    [Fact]
    public void A_recording_sees_every_aggregation_before_schemes_act_on_it()
    {
        using var recording = new MemoryStream();
        var writer = RecordingWriter.Open(recording, new RecordedSegment(), TestContext.Current.CancellationToken).Writer!;
        using var world = new World { Recording = new SessionRecorder(writer, 1, target => $"app {target.Id}") };
        world.Process(42);

        world.Run([42], TimeSpan.FromSeconds(20));

        recording.Position = 0;
        var reader = new RecordingReader(recording);
        var ages = new List<uint>();
        while (reader.Read() == RecordingReadOutcome.Snapshot)
        {
            reader.Snapshot!.Targets.Should().ContainSingle().Which.Name.Should().Be("app 42");
            ages.Add(reader.Snapshot.Targets[0].Regions.Span[0].Age);
        }

        ages.Should().HaveCount(world.Observer.Aggregations);
        ages.Max().Should().Be(2, "after two seconds the scheme acts, and ages start anew behind what was recorded");
    }

    private sealed class World : IDisposable, ITargetFactory
    {
        private readonly VirtualTime _clock = new();
        private readonly Dictionary<int, ScriptedMemory> _memories = [];

        public World()
        {
            Host.Write("/proc/pressure/memory", Calm);
            Host.Write("/proc/uptime", "5000.00 1.00\n");
        }

        public FakeHost Host { get; } = new();

        public VirtualTime Clock => _clock;

        public Action<ScriptedMemory>? OnOpened { get; set; }

        public Recorder Observer { get; } = new();

        public HashSet<int> Denied { get; } = [];

        public TimeSpan StartGrace { get; init; } = TimeSpan.FromMinutes(5);

        public MonitoringBackend Backend { get; init; } = MonitoringBackend.IdlePage;

        public bool AcceptsLarge { get; init; }

        public SchemeQuota Quota { get; init; } = new();

        public ISessionObserver? Recording { get; init; }

        public StandaloneRun? LastRun { get; private set; }

        public IntervalsGoal? Goal { get; init; }

        public double CpuCeiling { get; init; } = 1;

        public FakeProcess Process(int pid, int parent = 1)
        {
            var process = Host.Process(pid, parent);
            Host.Write($"/proc/{pid}/status", "Name:\tapp\nUid:\t0\t0\t0\t0\nVmRSS:\t 262144 kB\n");
            return process;
        }

        public ScriptedMemory Memory(int pid) => _memories[pid];

        public RunEnd Run(int[] pids, TimeSpan? duration, string[]? cgroups = null, CancellationTokenSource? interruption = null)
        {
            var scheme = new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) })
            {
                Mode = Engine.Schemes.SchemeMode.Enforce,
                Quota = Quota,
            };
            var intervals = new MonitoringIntervals(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
            var options = new RunOptions(new MonitoringPlan(intervals, RegionLimits.Default, [scheme]) { IntervalsGoal = Goal }, Backend, new RunTargets(pids, cgroups ?? []))
            {
                Duration = duration,
                StartGrace = StartGrace,
                Recorder = Recording,
                Accepted = AcceptsLarge ? new HashSet<SafetyRail> { SafetyRail.LargeProcess } : [],

                // The clock is virtual and the passes cost real time: no interval may be lengthened for it.
                CpuCeiling = CpuCeiling,
            };
            var run = LastRun = new StandaloneRun(Host.Root, _clock, options, this, Observer);
            return run.Run(interruption?.Token ?? TestContext.Current.CancellationToken);
        }

        public HostResult<IAccessProbe> OpenProbe(ProcessIdentity process)
        {
            if (Denied.Contains(process.Pid))
            {
                return new HostError(HostErrorKind.Denied, $"/proc/{process.Pid}/pagemap");
            }

            var memory = new ScriptedMemory { Resident = 256UL << 20 };
            memory.Ranges.Add(new AddressRange(1 << 30, (1 << 30) + (64 << 20)));
            _memories[process.Pid] = memory;
            OnOpened?.Invoke(memory);
            return memory;
        }

        public HostResult<IMemoryActor> OpenActor(ProcessIdentity process) => _memories[process.Pid];

        public void Dispose()
        {
            LastRun?.Dispose();
            Host.Dispose();
        }
    }

    private sealed class Recorder : IRunObserver
    {
        private readonly List<(int Aggregation, Action Do)> _planned = [];

        public int Started { get; private set; }

        public int Aggregations { get; private set; }

        public void OnAggregation(int number, Action action) => _planned.Add((number, action));

        public void OnStarted(StandaloneRun run) => Started++;

        public void OnAggregated(StandaloneRun run)
        {
            Aggregations++;
            foreach (var (_, action) in _planned.Where(planned => planned.Aggregation == Aggregations))
            {
                action();
            }
        }
    }
}
