using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Node;

/// <summary>
/// One scheme that the kernel carries out behind leases, driven by this program: for what the published commands only observe. It has no rails but the floors of its scope.
/// </summary>
internal sealed class EnforcedScheme : IDisposable
{
    private readonly LabContext _context;
    private readonly HostKernelInterface _interface;
    private readonly KernelEnforcer _enforcer;

    private EnforcedScheme(LabContext context, KernelOperations operations, IKernelScope scope, SchemeDescription scheme)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The kernel's DAMON is Linux's.");

        _context = context;
        _interface = new HostKernelInterface(new HostDamonTree(context.Host), context.Host, context.Time, new OwnershipSettings());
        var taken = _interface.Take();
        if (!taken.TryGet(out var kdamond))
            throw new ExpectationException(taken.Error.ToString());

        var intervals = new MonitoringIntervals(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));
        _enforcer = new KernelEnforcer(
            kdamond,
            scope,
            new KernelEnforcementPlan(operations, intervals, RegionLimits.Default, [scheme with { Mode = SchemeMode.Enforce, ApplyInterval = TimeSpan.FromSeconds(1) }]) { NodeTargetsAllowed = true },
            new CgroupEffectMeter(context.Host),
            new KernelThreadClock(context.Host),
            new HostSystemMemory(context.Host),
            () => "",
            context.Time);
        var started = _enforcer.Start();
        Expect.True($"the kernel takes it: {started.Message}", started.IsDone);
    }

    public KernelSchemeStatus Status => _enforcer.Schemes[0];

    /// <summary>On physical memory, of which that of some control groups may be acted on.</summary>
    public static EnforcedScheme OnNode(LabContext context, SchemeDescription scheme, params IEnumerable<string> groups) =>
        new(context, KernelOperations.Paddr, new NodeScope(context.Host, [.. groups.Select(PathOf)], floorBytes: 1 << 20, (ulong)Environment.SystemPageSize), scheme);

    /// <summary>On the addresses of one process.</summary>
    public static EnforcedScheme OnProcess(LabContext context, SchemeDescription scheme, int processId, string group) =>
        new(context, KernelOperations.Vaddr, new ProcessScope(() => new List<int> { processId }, () => [new EligibleCgroup(PathOf(group))]), scheme);

    /// <summary>Goes on until what is seen is as wanted.</summary>
    /// <exception cref="ExpectationException">It did not come in time, or the kernel was lost.</exception>
    public async Task<T> UntilAsync<T>(string what, TimeSpan within, Func<T> look, Func<T, bool> done)
    {
        var start = _context.Time.GetTimestamp();
        while (true)
        {
            var outcome = _enforcer.Step();
            Expect.True($"the kernel answers: {outcome.Kind} {outcome.Message}", outcome.IsDone);
            var seen = look();
            if (done(seen))
                return seen;
            if (_context.Time.GetElapsedTime(start) > within)
                throw new ExpectationException($"{what}: not within {within.TotalSeconds} s; last seen: {seen}; {Describe()}");
            await Task.Delay(_enforcer.Interval, _context.Time, _context.Cancellation);
        }
    }

    public string Describe() =>
        $"{Status.Description.Action}: {Status.Reason} {Status.Message} {Status.HeldBy}; {Status.Grants} grants, matched now {Status.MatchedNowBytes}, tried {Status.TriedBytes}, by the kernel {Status.SaidBytes}, effect {Status.EffectBytes}";

    public void Dispose()
    {
        _enforcer.Stop();
        if (!OperatingSystem.IsWindows())
        {
            _interface.Release();
            _interface.Dispose();
        }
    }

    private static string PathOf(string group) => group["/sys/fs/cgroup".Length..];
}
