using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.NodeAgent.Standalone;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Standalone;

public class KernelRunTests
{
    private const ulong MiB = 1 << 20;

    [Fact]
    public async Task Cold_memory_that_the_kernel_finds_is_acted_on_here_and_the_kernel_is_given_back()
    {
        await using var world = new World();
        world.Process(42);

        world.Run([42], TimeSpan.FromSeconds(20)).Should().Be(RunEnd.Duration);

        world.Memory(42).PagedOutBytes.Should().BeGreaterThan(100 * MiB);
        world.Kdamond.Context!.Schemes.Should().OnlyContain(scheme => scheme.Action == SchemeAction.Stat);
        world.Kdamond.IsOn.Should().BeFalse();
        (world.Taken, world.Released).Should().Be((1, 1));
    }

    [Fact]
    public async Task Children_are_sensed_and_processes_that_end_are_told()
    {
        await using var world = new World();
        world.Process(42);
        world.OnAggregation(20, () => world.Process(43, parent: 42));
        world.OnAggregation(150, () => world.Exit(43));

        world.Run([42], TimeSpan.FromSeconds(20)).Should().Be(RunEnd.Duration);

        world.LastRun!.Session.Targets.Select(target => target.Id).Should().Equal(42);
        world.LastRun.Session.EndedTargets.Should().ContainSingle().Which.Should().Match<EndedTarget>(target => target.Id == 43 && target.State == TargetState.Gone);
        world.Kdamond.Starts.Should().Be(1);
    }

    [Fact]
    public async Task The_run_ends_when_the_last_process_has_ended()
    {
        await using var world = new World();
        world.Process(42);
        world.OnAggregation(5, () => world.Exit(42));

        world.Run([42], duration: null).Should().Be(RunEnd.TargetsGone);
        (world.Released, world.LastRun!.KernelRestarts).Should().Be((1, 0));
    }

    [Fact]
    public async Task A_cancelled_run_gives_the_kernel_back()
    {
        await using var world = new World();
        world.Process(42);
        using var cancellation = new CancellationTokenSource();
        world.OnAggregation(3, cancellation.Cancel);

        world.Run([42], duration: null, cancellation).Should().Be(RunEnd.Interrupted);

        world.Kdamond.IsOn.Should().BeFalse();
        world.Released.Should().Be(1);
    }

    [Fact]
    public async Task A_kernel_that_is_somebody_elses_is_not_touched()
    {
        await using var world = new World { TakeError = new HostError(HostErrorKind.Busy, "kdamonds", "it is somebody else's") };
        world.Process(42);

        world.Run([42], TimeSpan.FromSeconds(5)).Should().Be(RunEnd.KernelLost);

        world.LastRun!.KernelError.Should().Be("it is somebody else's");
        world.Kdamond.Contexts.Should().BeEmpty();
    }

    [Fact]
    public async Task A_kdamond_that_was_turned_off_is_started_again_and_that_is_told()
    {
        await using var world = new World();
        world.Process(42);
        world.OnAggregation(5, world.Kdamond.TurnOff);

        world.Run([42], TimeSpan.FromSeconds(20)).Should().Be(RunEnd.Duration);

        world.Kdamond.Starts.Should().Be(2);
        world.LastRun!.KernelRestarts.Should().Be(1);
        world.Told.Should().ContainSingle().Which.Should().Contain("turned it off");
        world.Memory(42).PagedOutBytes.Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task Nothing_is_done_to_a_process_before_its_grace_is_over()
    {
        await using var world = new World { StartGrace = TimeSpan.FromHours(2) };
        world.Process(42);

        world.Run([42], TimeSpan.FromSeconds(10));

        world.Memory(42).PagedOutBytes.Should().Be(0);
        world.LastRun!.Session.Schemes[0].Statistics.HeldBy.Should().Be("StartGrace");
    }

    [Fact]
    public async Task Regions_are_read_no_more_often_than_schemes_are_applied()
    {
        await using var world = new World { ApplyInterval = TimeSpan.FromSeconds(5) };
        world.Process(42);

        world.Run([42], TimeSpan.FromSeconds(60));

        world.Kdamond.Reads.Should().BeInRange(10, 13);
    }

    private sealed class World : IAsyncDisposable, ITargetFactory, IRunObserver, IKernelInterface
    {
        private readonly Dictionary<int, (FakeProcess Process, SimulatedMemory Memory)> _processes = [];
        private readonly List<(int Number, Action Do)> _planned = [];
        private readonly KernelWorker _worker = new(TimeProvider.System, KernelSensing.WorkerOptions);
        private int _aggregations;

        public World()
        {
            Kdamond = new SensingKdamond(Clock);
            Host.Write("/proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
            Host.Write("/proc/uptime", "5000.00 1.00\n");
        }

        public VirtualTime Clock { get; } = new();

        public FakeHost Host { get; } = new();

        public SensingKdamond Kdamond { get; }

        public TimeSpan StartGrace { get; init; } = TimeSpan.FromMinutes(1);

        public TimeSpan ApplyInterval { get; init; }

        public HostError? TakeError { get; init; }

        public int Taken { get; private set; }

        public int Released { get; private set; }

        public List<string> Told { get; } = [];

        public StandaloneRun? LastRun { get; private set; }

        public SimulatedMemory Memory(int pid) => _processes[pid].Memory;

        public void Process(int pid, int parent = 1)
        {
            var range = new AddressRange(64 * MiB, 320 * MiB);
            var process = Host.Process(pid, parent, mappings: new FakeMapping(range.Start, range.End) { RssBytes = range.SizeBytes });
            var memory = new SimulatedMemory([range], 0, new RandomSource((ulong)pid));
            _processes[pid] = (process, memory);
            Kdamond.Process(pid, memory);
        }

        public void Exit(int pid)
        {
            _processes[pid].Process.Vanish();
            Kdamond.End(pid);
        }

        public void OnAggregation(int number, Action action) => _planned.Add((number, action));

        public RunEnd Run(int[] pids, TimeSpan? duration, CancellationTokenSource? interruption = null)
        {
            var scheme = new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) })
            {
                Mode = SchemeMode.Enforce,
                ApplyInterval = ApplyInterval,
            };
            var options = new RunOptions(new MonitoringPlan(MonitoringIntervals.Default, RegionLimits.Default, [scheme]), MonitoringBackend.Kernel, new RunTargets(pids, []))
            {
                Duration = duration,
                StartGrace = StartGrace,
                CpuCeiling = 1,
            };
            LastRun = new StandaloneRun(Host.Root, Clock, options, this, this, new KernelSensing(this, _worker));
            return LastRun.Run(interruption?.Token ?? TestContext.Current.CancellationToken);
        }

        public HostResult<IAccessProbe> OpenProbe(ProcessIdentity process) => throw new InvalidOperationException("The kernel senses.");

        public HostResult<IMemoryActor> OpenActor(ProcessIdentity process) => _processes[process.Pid].Memory;

        public void OnStarted(StandaloneRun run) => run.KdamondPid.Should().BePositive();

        public void OnAggregated(StandaloneRun run)
        {
            _aggregations++;
            foreach (var (_, action) in _planned.Where(planned => planned.Number == _aggregations))
            {
                action();
            }
        }

        public void OnNotice(StandaloneRun run, string notice) => Told.Add(notice);

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
            LastRun?.Dispose();
            await _worker.DisposeAsync();
            Host.Dispose();
        }
    }
}
