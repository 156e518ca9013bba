using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>
/// A session over one workload, in this program: for what the published commands only observe. It senses as they do, by the kernel or by the bitmap of idle pages, and has no rails.
/// </summary>
internal sealed class SensedSession : IDisposable
{
    private readonly LabContext _context;
    private readonly MonitoringPlan _plan;
    private readonly ProcessIdentity _process;
    private readonly HostKernelInterface? _interface;
    private readonly KernelSensor? _sensor;
    private readonly ReportedSession? _reported;
    private long _passedAt;

    /// <param name="context">The test.</param>
    /// <param name="workload">What it looks at and acts on.</param>
    /// <param name="plan">With the intervals of the kernel's backend; the other one takes longer ones.</param>
    public SensedSession(LabContext context, RunningWorkload workload, MonitoringPlan plan)
    {
        _context = context;
        _process = Of(ProcessTree.Identify(context.Host, workload.Id));
        var actor = Of(TargetActor.Open(context.Host, _process, context.Time));
        var machine = new HostSystemMemory(context.Host);
        if (AgentRun.BackendOf(context.Machine) == "IdlePage")
        {
            _plan = plan with { Intervals = new MonitoringIntervals(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1)) };
            var random = new RandomSource(1);
            Session = new MonitoringSession(_plan, RegionPolicies.Create(RegionPolicyKind.Adaptive, _plan.Limits, random), random, new ThreadCpuClock(), null, machine);
            Session.AddTarget(workload.Id, Of(IdlePageProbe.Open(context.Host, _process)), actor);
            return;
        }

        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The kernel's DAMON is Linux's.");

        _plan = plan;
        _interface = new HostKernelInterface(new HostDamonTree(context.Host), context.Host, context.Time, new OwnershipSettings());
        _sensor = new KernelSensor(context.Host, Of(_interface.Take()), context.Time);
        _reported = new ReportedSession(plan, new ThreadCpuClock(), null, machine);
        _reported.AddTarget(workload.Id, actor);
        Session = _reported.Session;
        _passedAt = context.Time.GetTimestamp();
    }

    public MonitoringSession Session { get; }

    /// <summary>Goes on until what is seen is as wanted.</summary>
    /// <exception cref="ExpectationException">It did not come in time.</exception>
    public async Task<T> UntilAsync<T>(string what, TimeSpan within, Func<T> look, Func<T, bool> done)
    {
        var start = _context.Time.GetTimestamp();
        while (true)
        {
            await PassAsync();
            var seen = look();
            if (done(seen))
                return seen;
            if (_context.Time.GetElapsedTime(start) > within)
                throw new ExpectationException($"{what}: not within {within.TotalSeconds} s; last seen: {seen}; {Describe()}");
        }
    }

    /// <summary>Goes on for a time.</summary>
    public async Task RunAsync(TimeSpan time)
    {
        var start = _context.Time.GetTimestamp();
        while (_context.Time.GetElapsedTime(start) < time)
            await PassAsync();
    }

    /// <summary>What its schemes have done.</summary>
    public string Describe() => string.Join("; ", Session.Schemes.Select(scheme =>
        $"{scheme.Description.Name}: matched now {scheme.Statistics.MatchedNowBytes}, applied {scheme.Statistics.AppliedBytes}, filtered {scheme.Statistics.FilteredBytes}, {scheme.Statistics.LastFailure}"));

    public void Dispose()
    {
        _sensor?.Stop();
        if (!OperatingSystem.IsWindows())
        {
            _interface?.Release();
            _interface?.Dispose();
        }

        _reported?.Dispose();
        Session.Dispose();
    }

    /// <summary>One aggregation.</summary>
    private async Task PassAsync()
    {
        if (_reported is null)
        {
            do
            {
                Session.BeginSample();
                await Task.Delay(Session.Intervals.Sample, _context.Time, _context.Cancellation);
            }
            while (!Session.EndSample());
            return;
        }

        await Task.Delay(_plan.Intervals.Aggregation, _context.Time, _context.Cancellation);
        var report = _sensor!.Sense(new SensorRequest(_plan, [new SensedProcess(_process, "pod")]) { ReadRegions = true });
        Expect.True($"the kernel is lost: {report.Message}", report.State != SensorState.Lost);
        if (!report.HasRegions)
            return;

        foreach (var target in report.Targets)
            _reported.Report(target.Process.Pid, [.. target.Regions ?? []]);
        var now = _context.Time.GetTimestamp();
        _reported.Pass(report.Intervals, _context.Time.GetElapsedTime(_passedAt, now));
        _passedAt = now;
    }

    private static T Of<T>(HostResult<T> result) => result.TryGet(out var value) ? value : throw new ExpectationException(result.Error.ToString());
}
