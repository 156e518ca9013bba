using System.Text.RegularExpressions;
using Damon.Cli.Run;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Engine.Simulation;
using Damon.NodeAgent.Standalone;
using Damon.Testing;

namespace Damon.Cli.Tests.Run;

/// <summary>What a run prints where the kernel senses, over a kdamond that is turned off by somebody on the way. What was measured of this process itself is left out: it differs from run to run.</summary>
public partial class KernelRunGoldenTests
{
    private static readonly BackendDecision Decision = new(MonitoringBackend.Kernel, "Available", "The kernel's own DAMON samples, and nobody else uses it.");

    [Fact]
    public async Task Json_is_what_the_golden_file_says()
    {
        using var output = new StringWriter();
        await Show(new JsonRunView(output, Decision));
        GoldenFile.Compare("run-kernel.json", Measured().Replace(output.ToString(), "${name}0"));
    }

    [Fact]
    public async Task Text_is_what_the_golden_file_says()
    {
        using var output = new StringWriter();
        await Show(new TextRunView(output, Decision));
        GoldenFile.Compare("run-kernel.txt", MeasuredInText().Replace(output.ToString(), "${name} N"));
    }

    [Fact]
    public async Task A_kernel_that_is_busy_is_a_summary_with_the_reason()
    {
        using var output = new StringWriter();
        await Show(new JsonRunView(output, Decision), new HostError(HostErrorKind.Busy, "kdamonds", "somebody else has it"));
        output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().ContainSingle().Which.Should().Contain("\"ended\":\"KernelLost\"").And.Contain("\"error\":\"somebody else has it\"");
    }

    private static async Task Show(IRunView view, HostError? busy = null)
    {
        var clock = new VirtualTime();
        using var host = FakeHost.With(
            ("/proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"), ("/proc/uptime", "5000.00 1.00\n"));
        var range = new AddressRange(64UL << 20, 320UL << 20);
        host.Process(42, 1, mappings: new FakeMapping(range.Start, range.End) { RssBytes = range.SizeBytes });
        var memory = new SimulatedMemory([range], 0, new RandomSource(42));
        var kdamond = new SensingKdamond(clock).Process(42, memory);
        var scheme = new SchemeDescription("cold", SchemeAction.Pageout, new AccessPattern { MaxRate = AccessRate.Never, MinAge = TimeSpan.FromSeconds(2) });
        var plan = new MonitoringPlan(MonitoringIntervals.Default.WithSample(TimeSpan.FromMilliseconds(50)), RegionLimits.Default, [scheme]);
        var options = new RunOptions(plan, MonitoringBackend.Kernel, new RunTargets([42], [])) { Duration = TimeSpan.FromSeconds(7), StartGrace = TimeSpan.Zero, CpuCeiling = 1 };
        await using var worker = new KernelWorker(TimeProvider.System, KernelSensing.WorkerOptions);
        var observer = new TurningOff(view, kdamond, after: 4);
        using var run = new StandaloneRun(host.Root, clock, options, new OneMemory(memory), observer, new KernelSensing(new OneKdamond(kdamond, busy), worker));
        view.OnEnded(run, run.Run(TestContext.Current.CancellationToken).ToString());
    }

    [GeneratedRegex("(?<name>\"(cpuSeconds|cpuShare|engineCpuShare|longestStallMs)\":)[0-9.Ee+-]+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Measured();

    [GeneratedRegex("(?<name>engine) [^ ,\n]+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex MeasuredInText();

    /// <summary>Somebody turns the kdamond off after so many reports.</summary>
    private sealed class TurningOff(IRunObserver inner, SensingKdamond kdamond, int after) : IRunObserver
    {
        private int _reports;

        public void OnStarted(StandaloneRun run) => inner.OnStarted(run);

        public void OnAggregated(StandaloneRun run)
        {
            inner.OnAggregated(run);
            if (++_reports == after)
            {
                kdamond.TurnOff();
            }
        }

        public void OnNotice(StandaloneRun run, string notice) => inner.OnNotice(run, notice);
    }

    private sealed class OneMemory(SimulatedMemory memory) : ITargetFactory
    {
        public HostResult<IAccessProbe> OpenProbe(ProcessIdentity process) => throw new InvalidOperationException("The kernel senses.");

        public HostResult<IMemoryActor> OpenActor(ProcessIdentity process) => memory;
    }

    private sealed class OneKdamond(SensingKdamond kdamond, HostError? busy) : IKernelInterface
    {
        public HostResult<IKdamond> Take() => busy is { } error ? error : kdamond;

        public KernelOutcome Release() => KernelOutcome.Done;
    }
}
