using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <summary>A session whose regions the kernel finds. A thread of its own waits for the kernel; the loop is woken when it has answered.</summary>
internal sealed class KernelDriver : SessionDriver
{
    /// <summary>A look at the kernel that is under way cannot be taken back, and its interface may be locked by somebody else: after this the session ends without having given it back.</summary>
    internal static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(6);

    /// <summary>While the kernel is asked, and while there is nothing to ask: whoever changes that wakes the loop.</summary>
    private static readonly TimeSpan UntilWoken = TimeSpan.FromSeconds(10);

    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly KernelSensing _kernel;
    private readonly TargetOpener _opener;
    private readonly FaultBook _faults;
    private readonly IAgentLog _log;
    private readonly Action _wake;
    private readonly KernelReadPace _pace;
    private readonly ReportedSession _reported;
    private readonly SensedTargets _sensed;
    private readonly Dictionary<ProcessIdentity, DrivenTarget> _wanted = [];
    private readonly List<EndedProcess> _ended = [];
    private Task<HostResult<IKdamond>>? _taking;
    private Task<HostResult<SensorReport>>? _sensing;
    private KernelSensor? _sensor;
    private MonitoringPlan _plan;
    private bool _isChanged = true;
    private bool _readsRegions;
    private bool _hasStarted;
    private SensorState _state;
    private string? _waitsFor = "";
    private volatile bool _hasEnded;
    private long _readAt;
    private TimeSpan _untilRead;
    private ulong _probes;
    private string _failure = "";

    /// <summary>A session without targets; the kernel is taken by the first turn.</summary>
    public KernelDriver(
        HostRoot host,
        TimeProvider time,
        TimeProvider costClock,
        KernelSensing kernel,
        TargetOpener opener,
        FaultBook faults,
        MonitoringPlan plan,
        double cpuCeiling,
        ISystemMemory machine,
        IAgentLog log,
        Action wake,
        ISessionObserver? observer = null)
    {
        (_host, _time, _kernel, _opener, _faults, _plan, _log, _wake) = (host, time, kernel, opener, faults, plan, log, wake);
        _pace = new KernelReadPace(cpuCeiling);
        _reported = new ReportedSession(plan, costClock, observer, machine);
        _sensed = new SensedTargets(_reported, time, Open);
        WantedSample = plan.Intervals.Sample;
    }

    /// <inheritdoc/>
    public override MonitoringSession Session => _reported.Session;

    /// <inheritdoc/>
    public override string Failure => _failure;

    /// <inheritdoc/>
    public override string? WaitsFor => _waitsFor;

    /// <inheritdoc/>
    public override ulong Probes => _probes;

    /// <summary>What the kernel was asked and is not taken over yet, null where there is nothing; for tests, in which time must not pass meanwhile.</summary>
    internal Task? Asked => _sensing ?? (_sensor is null ? _taking : (Task?)null);

    /// <inheritdoc/>
    public override bool Has(ProcessIdentity process) => _wanted.ContainsKey(process);

    /// <inheritdoc/>
    public override HostError? Add(DrivenTarget target)
    {
        _wanted[target.Process] = target;
        _isChanged = true;
        return null;
    }

    /// <inheritdoc/>
    public override void Remove(ProcessIdentity process, string reason)
    {
        if (_wanted.Remove(process))
        {
            _isChanged = true;
            _sensed.End(process, TargetState.Removed, reason);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PlanError> Commit(MonitoringPlan plan)
    {
        var errors = _reported.Commit(plan);
        if (errors.Count == 0)
        {
            _plan = plan;
            _isChanged = true;
        }

        return errors;
    }

    /// <inheritdoc/>
    public override TimeSpan Turn()
    {
        if (_failure.Length > 0)
        {
            return UntilWoken;
        }

        if (_sensor is null)
        {
            return TakeKernel();
        }

        if (_sensing is { } sensing)
        {
            if (!sensing.IsCompleted)
            {
                return UntilWoken;
            }

            // An exception is a bug, and the loop's to count.
            _sensing = null;
            if (!sensing.GetAwaiter().GetResult().TryGet(out var report))
            {
                _failure = sensing.Result.Error.ToString();
                return UntilWoken;
            }

            Take(report);
            if (_failure.Length > 0)
            {
                return UntilWoken;
            }
        }

        var left = _untilRead - _time.GetElapsedTime(_readAt);
        var rests = _state == SensorState.Idle && _wanted.Count == 0;
        if (_isChanged || (left <= TimeSpan.Zero && !rests))
        {
            Ask(reads: _hasStarted && left <= TimeSpan.Zero);
            return UntilWoken;
        }

        return rests ? UntilWoken : left;
    }

    /// <inheritdoc/>
    public override void TakeEnded(ICollection<EndedProcess> ended)
    {
        foreach (var one in _ended)
        {
            ended.Add(one);
        }

        _ended.Clear();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _hasEnded = true;
        _reported.Dispose();
        GiveBack();
    }

    private TimeSpan TakeKernel()
    {
        _taking ??= Woken(_kernel.Worker.ReadAsync(_kernel.Interface.Take));
        if (!_taking.IsCompleted)
        {
            return UntilWoken;
        }

        if (!_taking.GetAwaiter().GetResult().TryGet(out var kdamond))
        {
            _failure = _taking.Result.Error.ToString();
            return UntilWoken;
        }

        _sensor = new KernelSensor(_host, kdamond, _time);
        _sensed.Begin();
        _readAt = _time.GetTimestamp();
        return TimeSpan.Zero;
    }

    private Task<T> Woken<T>(Task<T> task)
    {
        _ = task.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
    }

    private void Wake()
    {
        // An answer may come long after the end, when there is no loop any more.
        if (!_hasEnded)
        {
            _wake();
        }
    }

    private void Ask(bool reads)
    {
        var sensor = _sensor!;
        var request = new SensorRequest(_plan, [.. _wanted.Values.Select(target => new SensedProcess(target.Process, target.Group))]) { ReadRegions = reads };
        (_isChanged, _readsRegions) = (false, reads);
        _sensing = Woken(_kernel.Worker.ReadAsync<SensorReport>(() => sensor.Sense(request)));
    }

    private void Take(SensorReport report)
    {
        foreach (var notice in report.Notices)
        {
            _log.Info(notice);
        }

        foreach (var (process, _) in report.Ended)
        {
            if (_wanted.Remove(process))
            {
                _ended.Add(new EndedProcess(process, TargetState.Gone, "the process has exited"));
            }
        }

        _sensed.Follow(report);
        (_state, _waitsFor) = (report.State, report.State == SensorState.Waiting ? report.Message : null);
        if (report.State == SensorState.Lost)
        {
            _failure = report.Message.Length > 0 ? report.Message : "the kernel's DAMON was lost";
            return;
        }

        if (_readsRegions || !_hasStarted)
        {
            _hasStarted = true;
            _readAt = _time.GetTimestamp();
            _untilRead = _pace.Next(report, _readsRegions, Session.Schemes.Count == 0 ? TimeSpan.Zero : Session.Schemes.Min(scheme => scheme.Description.ApplyInterval));
        }

        if (report.HasRegions)
        {
            _probes += (ulong)report.Targets.Sum(target => target.Regions?.Count ?? 0) * report.Intervals.SamplesPerAggregation;
        }

        _sensed.Pass(report);
    }

    private bool Open(SensedTarget sensed)
    {
        // It may have been taken out while the kernel was asked.
        var process = sensed.Process;
        if (!_wanted.TryGetValue(process, out var target))
        {
            return false;
        }

        try
        {
            var actor = _opener.OpenActor(process, target.Group, target.ReclaimFrom);
            if (actor.IsOk)
            {
                // Taken out and in again while the kernel was asked, it may be another pod's: the kernel's word for it is the old one.
                _reported.AddTarget(process.Pid, target.Guard(actor.Value), target.Group, target.Container.Schemes);
                Budget(target);
                return true;
            }

            Refuse(process, actor.Error.Kind == HostErrorKind.Vanished ? TargetState.Gone : TargetState.Denied, actor.Error.ToString());
        }
        catch (Exception e)
        {
            // It may be in the session by half.
            _reported.EndTarget(process.Pid, TargetState.Removed, "a bug in taking it in");
            _faults.Isolate(target.Container.Memory.RuntimeId, "taking in a process", e);
            Refuse(process, TargetState.Unsupported, "a bug in taking it in");
        }

        return false;
    }

    private void Refuse(ProcessIdentity process, TargetState state, string reason)
    {
        _wanted.Remove(process);
        _isChanged = true;
        _ended.Add(new EndedProcess(process, state, reason));
    }

    private void GiveBack()
    {
        if (_taking is null)
        {
            return;
        }

        var sensor = _sensor;
        KernelOutcome outcome;
        try
        {
            outcome = _kernel.Worker.ChangeAsync(
                () =>
                {
                    var stopped = sensor?.Stop() ?? KernelOutcome.Done;
                    var released = _kernel.Interface.Release();
                    return stopped.IsDone ? released : stopped;
                },
                CancellationToken.None).WaitAsync(PatienceAtEnd, _time).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            outcome = new KernelOutcome(KernelOutcomeKind.Busy, $"the kernel has not answered within {PatienceAtEnd.TotalSeconds:0} s");
        }

        if (!outcome.IsDone)
        {
            _log.Info($"the kernel's DAMON could not be given back: {outcome.Message}. What is left there only counts accesses; the next run cleans it up");
        }
    }
}
