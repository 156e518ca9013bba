using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Probes;
using Damon.Engine.Regions;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Standalone;

/// <summary>
/// The agent's loop without Kubernetes: finds processes, samples them in one session, applies the schemes behind the safety rails, and follows children,
/// exits and execs. Everything happens on the thread that calls <see cref="Run"/>; where the kernel senses, a thread of its own waits for the kernel.
/// </summary>
public sealed partial class StandaloneRun : ISessionObserver, IDisposable
{
    /// <summary>Looking for new processes costs a scan of /proc: a tenth of the ceiling for sensing is enough for it.</summary>
    private const double FollowShareOfCeiling = 0.1;

    private const int WarmUpPasses = 2;

    private const ulong LargeProcessBytes = 4UL << 30;

    /// <summary>The reasons of later ones say nothing new.</summary>
    private const int MaxRejected = 1024;

    private static readonly string TooLarge =
        $"{SafetyRail.LargeProcess}: above 4 GiB a pass of Referenced would hold its memory lock for too long; use IdlePage, or --accept LargeProcess";

    private static readonly TimeSpan FollowEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FollowAtLeastEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSample = TimeSpan.FromSeconds(10);

    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly RunOptions _options;
    private readonly ITargetFactory _factory;
    private readonly IRunObserver _observer;
    private readonly TargetFollower _follower;
    private readonly PressureRail _pressure;
    private readonly IntervalGovernor _sampleGovernor;
    private readonly IntervalGovernor _followGovernor;
    private readonly Dictionary<int, Target> _targets = [];
    private readonly HashSet<ProcessIdentity> _refused = [];
    private readonly HashSet<ProcessIdentity> _withoutMemory = [];
    private readonly HashSet<ProcessIdentity> _known = [];
    private readonly List<RejectedTarget> _rejected = [];
    private readonly HostReader _reader = new(maxBytes: 64 * 1024);
    private readonly int _ownPid;
    private readonly ThreadCpuClock _cpuClock;
    private ulong _residentOfEndedBytes;
    private Heatmap? _lastHeatmap;
    private TimeSpan _lastPassCost;
    private int _passes;
    private TimeSpan _cpuAtStart;
    private long? _startedAt;

    /// <summary>Makes a run; nothing is read or done yet but the identity of the given processes.</summary>
    /// <param name="host">The host.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">What to do.</param>
    /// <param name="factory">Opens what is needed of each process.</param>
    /// <param name="observer">Sees it.</param>
    /// <param name="kernel">The kernel, where it senses.</param>
    /// <exception cref="ArgumentException">The kernel is to sense, and is not given.</exception>
    public StandaloneRun(HostRoot host, TimeProvider time, RunOptions options, ITargetFactory factory, IRunObserver observer, KernelSensing? kernel = null)
    {
        if (options.Backend == MonitoringBackend.Kernel && kernel is null)
        {
            throw new ArgumentException("Where the kernel is to sense, it is needed.", nameof(kernel));
        }

        _host = host;
        _time = time;
        _options = options;
        _factory = factory;
        _observer = observer;
        _ownPid = Environment.ProcessId;
        _follower = new TargetFollower(host, options.Targets, _rejected);
        _pressure = new PressureRail(host, time, options.Accepted.Contains(SafetyRail.RailUnmeasurable));
        var sample = options.Plan.IntervalsGoal?.MinSample ?? options.Plan.Intervals.Sample;
        _sampleGovernor = new IntervalGovernor(options.CpuCeiling, sample, sample > LongestSample ? sample : LongestSample);
        _followGovernor = new IntervalGovernor(Math.Max(options.CpuCeiling * FollowShareOfCeiling, 1e-4), FollowEvery, FollowAtLeastEvery);
        var random = new RandomSource(options.Seed);
        IRegionPolicy policy = options.Backend == MonitoringBackend.Referenced ? new MappingRegionPolicy() : RegionPolicies.Create(options.RegionPolicy, options.Plan.Limits, random);

        // Ceilings and quotas by time speak of CPU time, and all of it is spent on this run's one thread.
        _cpuClock = new ThreadCpuClock();
        var machine = new HostSystemMemory(host);
        _kernel = options.Backend == MonitoringBackend.Kernel ? kernel : null;
        _reported = _kernel is null ? null : new ReportedSession(options.Plan, _cpuClock, this, machine);
        _sensed = _reported is null ? null : new SensedTargets(_reported, time, OpenSensed, Forget);
        Session = _reported?.Session ?? new MonitoringSession(options.Plan, policy, random, _cpuClock, this, machine);
    }

    /// <summary>The session.</summary>
    public MonitoringSession Session { get; }

    /// <summary>What senses.</summary>
    public MonitoringBackend Backend => _options.Backend;

    /// <summary>Processes that are not looked at, and why; each once.</summary>
    public IReadOnlyList<RejectedTarget> Rejected => _rejected;

    /// <summary>Why the last search for processes was not complete, such as a control group that is not there; empty where it was.</summary>
    public string FollowError => _follower.LastError;

    /// <summary>Wall time since sampling began.</summary>
    public TimeSpan Elapsed => _startedAt is { } since ? _time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>CPU time of this whole process since sampling began.</summary>
    public TimeSpan CpuTime => Environment.CpuUsage.TotalTime - _cpuAtStart;

    /// <summary>CPU time as a share of one CPU.</summary>
    public double CpuShare => Elapsed > TimeSpan.Zero ? CpuTime / Elapsed : 0;

    /// <summary>The longest time for which one process's memory lock was held at once; only the Referenced backend holds it.</summary>
    public TimeSpan LongestStall { get; private set; }

    /// <summary>Resident sets of all processes when each was first seen, in bytes.</summary>
    public ulong ResidentBeforeBytes { get; private set; }

    /// <summary>Resident sets of all processes now, or when each was last seen alive, in bytes.</summary>
    public ulong ResidentNowBytes { get; private set; }

    /// <summary>Heatmap of the target that has the most memory; of the one that ended last where there is none any more.</summary>
    public Heatmap? Heatmap => _targets.Values.MaxBy(target => target.MonitoredBytes)?.Heatmap ?? _lastHeatmap;

    /// <summary>The resident set of one target when it was last read, in bytes.</summary>
    /// <param name="pid">The process.</param>
    public ulong ResidentBytesOf(int pid) => _targets.TryGetValue(pid, out var target) ? target.ResidentBytes : 0;

    /// <summary>Samples and acts until the time is over, it is cancelled, or no target is left.</summary>
    /// <param name="cancellation">Ends it cleanly at any moment.</param>
    /// <returns>Why it ended.</returns>
    public RunEnd Run(CancellationToken cancellation)
    {
        if (_kernel is not null)
        {
            return RunKernel(cancellation);
        }

        Follow();
        if (Session.Targets.Count == 0)
        {
            return RunEnd.NoTarget;
        }

        _startedAt = _time.GetTimestamp();
        _cpuAtStart = Environment.CpuUsage.TotalTime;
        ReadResident();
        _observer.OnStarted(this);
        using var waiter = new IntervalWaiter(_time, cancellation);
        var followedAt = _time.GetTimestamp();
        while (true)
        {
            Session.BeginSample();

            // From here, not from before: clearing takes time too, and where it takes long (a busy machine) nothing but what is left of the interval
            // would be observed, and look cold.
            var goesOn = waiter.WaitUntil(_time.GetTimestamp(), Session.Intervals.Sample);
            if (!goesOn)
            {
                ReadResident();
                return RunEnd.Interrupted;
            }

            var aggregated = Session.EndSample();
            if (aggregated && Backend == MonitoringBackend.Referenced)
            {
                DropTooLarge();
            }

            Govern(aggregated);
            if (Session.Targets.Count == 0 || _time.GetElapsedTime(followedAt) >= _followGovernor.Interval)
            {
                followedAt = _time.GetTimestamp();
                var cpu = _cpuClock.GetTimestamp();
                Follow();
                _followGovernor.Next(_cpuClock.GetElapsedTime(cpu));
                if (Session.Targets.Count == 0)
                {
                    return RunEnd.TargetsGone;
                }
            }

            if (_options.Duration is { } duration && Elapsed >= duration)
            {
                ReadResident();
                return RunEnd.Duration;
            }
        }
    }

    /// <inheritdoc/>
    public void OnAggregated(MonitoringSession session)
    {
        _options.Recorder?.OnAggregated(session);
        foreach (var target in session.Targets)
        {
            if (_targets.TryGetValue(target.Id, out var known))
            {
                known.MonitoredBytes = target.Regions.TotalBytes;
                known.Heatmap.Add(target.Regions, session.Intervals.SamplesPerAggregation);
            }
        }
    }

    /// <inheritdoc/>
    public void OnSchemesApplied(MonitoringSession session)
    {
        ReadResident();
        _observer.OnAggregated(this);
    }

    /// <inheritdoc/>
    public void OnMatched(SchemeRun scheme, SessionTarget target, AddressRange range, ulong reachableBytes)
    {
        // The schemes' own counts say all that is shown.
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    private void Govern(bool aggregated)
    {
        foreach (var target in _targets.Values)
        {
            if (target.Referenced is { } probe && probe.LongestStall > LongestStall)
            {
                LongestStall = probe.LongestStall;
            }
        }

        // The first passes also compile the code; and one expensive pass alone (a page fault, a collection) says nothing about the next: of two in
        // a row the cheaper one counts.
        var cost = Session.LastPassCost;
        var steady = cost < _lastPassCost ? cost : _lastPassCost;
        _lastPassCost = cost;
        if (++_passes <= WarmUpPasses)
        {
            return;
        }

        SamplePace.Follow(Session, _sampleGovernor.Next(steady), aggregated);
    }

    private void ForgetEnded()
    {
        foreach (var pid in _targets.Where(target => target.Value.Session.State != TargetState.Active).Select(target => target.Key).ToList())
        {
            Forget(pid);
        }
    }

    private void Follow()
    {
        ForgetEnded();
        var found = _follower.Find();
        if (_follower.IsComplete)
        {
            DropStrangers(found);
        }

        foreach (var process in found)
        {
            if (!_targets.ContainsKey(process.Pid) && !_refused.Contains(process))
            {
                TryAdd(process);
            }
        }
    }

    /// <summary>A process that was moved out of the given control group is no target any more. One that has ended is left to its probe, which says so.</summary>
    private void DropStrangers(IReadOnlyList<ProcessIdentity> found)
    {
        var now = new HashSet<ProcessIdentity>(found);
        foreach (var (pid, target) in _targets.Where(known => !now.Contains(known.Value.Process)).ToList())
        {
            if (ProcessTree.Identify(_host, pid).TryGet(out var alive) && alive == target.Process)
            {
                const string Reason = "it belongs to no given process or control group any more";
                if (_sensed is { } sensed)
                {
                    sensed.End(target.Process, TargetState.Removed, Reason);
                }
                else
                {
                    Session.RemoveTarget(pid, Reason);
                    Forget(pid);
                }
            }
        }

        // Only what could come again needs to be remembered: a target may start processes by the thousand that are refused.
        _refused.IntersectWith(now);
        _withoutMemory.IntersectWith(now);
        _known.IntersectWith(now);
    }

    private void Forget(int pid)
    {
        if (_targets.Remove(pid, out var target))
        {
            _residentOfEndedBytes += target.ResidentBytes;
            _lastHeatmap = target.Heatmap;
        }
    }

    /// <summary>Whether a process may be looked at at all.</summary>
    private bool IsAdmitted(ProcessIdentity process, out ulong resident)
    {
        resident = 0;
        if (WhyNever(process) is { } reason)
        {
            Refuse(process, reason);
            return false;
        }

        if (!TryReadResident(process.Pid, out resident))
        {
            // It may have ended just now, or be about to map its memory: it is looked at again, and named once.
            if (_withoutMemory.Add(process) && _rejected.Count < MaxRejected)
            {
                _rejected.Add(new RejectedTarget(process.Pid, "it has no memory of its own (a kernel thread, or a process that has ended)"));
            }

            return false;
        }

        if (IsTooLarge(resident))
        {
            Refuse(process, TooLarge);
            return false;
        }

        return true;
    }

    private void TryAdd(ProcessIdentity process)
    {
        if (!IsAdmitted(process, out var resident))
        {
            return;
        }

        var probe = _factory.OpenProbe(process);
        if (!probe.IsOk)
        {
            RefuseUnlessGone(process, probe.Error);
            return;
        }

        var actor = _factory.OpenActor(process);
        if (!actor.IsOk)
        {
            probe.Value.Dispose();
            RefuseUnlessGone(process, actor.Error);
            return;
        }

        var target = Session.AddTarget(process.Pid, probe.Value, Guarded(actor.Value, process), _follower.GroupOf(process));
        Know(new Target(process, target, probe.Value as ReferencedProbe, new Heatmap(columns: 64, maxRows: 48)), resident);
    }

    private GuardedActor Guarded(IMemoryActor actor, ProcessIdentity process)
    {
        // Whoever was a target before and is met again runs another program now: it has just started, however old the process is.
        var grace = _known.Add(process) ? GraceLeft(process) : _options.StartGrace;
        return new GuardedActor(actor, _pressure, _time, grace);
    }

    private void Know(Target target, ulong resident)
    {
        target.ResidentBytes = resident;
        _targets[target.Process.Pid] = target;
        ResidentBeforeBytes += resident;
    }

    private bool IsTooLarge(ulong residentBytes) =>
        Backend == MonitoringBackend.Referenced && residentBytes > LargeProcessBytes && !_options.Accepted.Contains(SafetyRail.LargeProcess);

    /// <summary>The rail holds for a process that grows, too.</summary>
    private void DropTooLarge()
    {
        foreach (var (pid, target) in _targets)
        {
            if (IsTooLarge(target.ResidentBytes))
            {
                // A process that is removed for its size stays refused even when it shrinks: it would come and go.
                Session.RemoveTarget(pid, TooLarge);
                Refuse(target.Process, TooLarge);
                Forget(pid);
            }
        }
    }

    private string? WhyNever(ProcessIdentity process) => process.Pid switch
    {
        1 => "pid 1 is never a target: its children are the whole machine",
        _ when process.Pid == _ownPid => "this program is never its own target",
        _ => null,
    };

    private void RefuseUnlessGone(ProcessIdentity process, HostError error)
    {
        if (error.Kind != HostErrorKind.Vanished)
        {
            Refuse(process, error.ToString());
        }
    }

    private void Refuse(ProcessIdentity process, string reason)
    {
        _refused.Add(process);
        if (_rejected.Count < MaxRejected)
        {
            _rejected.Add(new RejectedTarget(process.Pid, reason));
        }
    }

    private TimeSpan GraceLeft(ProcessIdentity process)
    {
        // Start times count in ticks since boot; USER_HZ is 100 on every architecture that .NET runs on.
        if (!_host.ReadText("/proc/uptime").TryGet(out var uptime)
            || !double.TryParse(uptime.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture, out var seconds))
        {
            return _options.StartGrace;
        }

        var age = TimeSpan.FromSeconds(Math.Max(0, seconds - (process.StartTimeTicks / 100.0)));
        return age >= _options.StartGrace ? TimeSpan.Zero : _options.StartGrace - age;
    }

    private void ReadResident()
    {
        ResidentNowBytes = _residentOfEndedBytes;
        foreach (var (pid, target) in _targets)
        {
            if (TryReadResident(pid, out var resident))
            {
                target.ResidentBytes = resident;
            }

            ResidentNowBytes += target.ResidentBytes;
        }
    }

    private bool TryReadResident(int pid, out ulong bytes)
    {
        bytes = 0;
        if (!_host.Read($"/proc/{pid}/status", _reader).IsOk || !ProcStatus.TryParse(_reader.Content, out var status))
        {
            return false;
        }

        bytes = status.RssBytes;
        return bytes > 0;
    }

    private sealed class Target(ProcessIdentity process, SessionTarget session, ReferencedProbe? referenced, Heatmap heatmap)
    {
        public ProcessIdentity Process { get; } = process;

        public SessionTarget Session { get; } = session;

        public ReferencedProbe? Referenced { get; } = referenced;

        public Heatmap Heatmap { get; } = heatmap;

        public ulong ResidentBytes { get; set; }

        public ulong MonitoredBytes { get; set; }
    }
}
