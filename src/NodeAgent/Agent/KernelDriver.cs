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
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan WhileAnswering = TimeSpan.FromSeconds(10);

    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly KernelSensing _kernel;
    private readonly ITargetFactory _factory;
    private readonly IAgentLog _log;
    private readonly Action _wake;
    private readonly KernelReadPace _pace;
    private readonly ReportedSession _reported;
    private readonly Dictionary<ProcessIdentity, DrivenTarget> _wanted = [];
    private readonly Dictionary<int, (ProcessIdentity Process, int Generation, SessionTarget Target)> _known = [];
    private readonly List<EndedProcess> _ended = [];
    private Task<HostResult<IKdamond>>? _taking;
    private Task<HostResult<SensorReport>>? _sensing;
    private KernelSensor? _sensor;
    private MonitoringPlan _plan;
    private bool _isChanged = true;
    private bool _readsRegions;
    private bool _hasStarted;
    private long _readAt;
    private long _passedAt;
    private TimeSpan _untilRead;
    private int _epoch;
    private ulong _probes;
    private string _failure = "";

    /// <summary>A session without targets; the kernel is taken by the first turn.</summary>
    public KernelDriver(
        HostRoot host, TimeProvider time, TimeProvider costClock, KernelSensing kernel, ITargetFactory factory, MonitoringPlan plan, double cpuCeiling, ISystemMemory machine, IAgentLog log, Action wake, ISessionObserver? observer = null)
    {
        (_host, _time, _kernel, _factory, _plan, _log, _wake) = (host, time, kernel, factory, plan, log, wake);
        _pace = new KernelReadPace(cpuCeiling);
        _reported = new ReportedSession(plan, costClock, observer, machine);
        WantedSample = plan.Intervals.Sample;
    }

    /// <inheritdoc/>
    public override MonitoringSession Session => _reported.Session;

    /// <inheritdoc/>
    public override string Failure => _failure;

    /// <inheritdoc/>
    public override ulong Probes => _probes;

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
            if (_known.TryGetValue(process.Pid, out var known) && known.Process == process)
            {
                _known.Remove(process.Pid);
                _reported.EndTarget(process.Pid, TargetState.Removed, reason);
            }
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
            return WhileAnswering;
        }

        if (_sensor is null)
        {
            return TakeKernel();
        }

        if (_sensing is { } sensing)
        {
            if (!sensing.IsCompleted)
            {
                return WhileAnswering;
            }

            _sensing = null;
            if (sensing.IsFaulted || !sensing.Result.TryGet(out var report))
            {
                _failure = sensing.IsFaulted ? sensing.Exception.GetBaseException().Message : sensing.Result.Error.ToString();
                return WhileAnswering;
            }

            Take(report);
        }

        var left = _untilRead - _time.GetElapsedTime(_readAt);
        if (_isChanged || left <= TimeSpan.Zero)
        {
            Ask(reads: _hasStarted && left <= TimeSpan.Zero);
            return WhileAnswering;
        }

        return left;
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
        _reported.Dispose();
        GiveBack();
    }

    private TimeSpan TakeKernel()
    {
        _taking ??= Woken(_kernel.Worker.ReadAsync(_kernel.Interface.Take));
        if (!_taking.IsCompleted)
        {
            return WhileAnswering;
        }

        if (_taking.IsFaulted || !_taking.Result.TryGet(out var kdamond))
        {
            _failure = _taking.IsFaulted ? _taking.Exception.GetBaseException().Message : _taking.Result.Error.ToString();
            return WhileAnswering;
        }

        _sensor = new KernelSensor(_host, kdamond, _time);
        _readAt = _passedAt = _time.GetTimestamp();
        return TimeSpan.Zero;
    }

    private Task<T> Woken<T>(Task<T> task)
    {
        _ = task.ContinueWith(_ => _wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
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

        if (report.Epoch != _epoch)
        {
            _epoch = report.Epoch;
            _reported.Forget();
        }

        foreach (var ended in report.Ended)
        {
            if (_wanted.Remove(ended.Process))
            {
                EndKnown(ended.Process, "the process has exited");
                _ended.Add(new EndedProcess(ended.Process, TargetState.Gone, "the process has exited"));
            }
        }

        foreach (var target in report.Targets)
        {
            Know(target);
        }

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
            foreach (var target in report.Targets)
            {
                var regions = target.Regions ?? [];
                _probes += (ulong)regions.Count * report.Intervals.SamplesPerAggregation;
                _reported.Report(target.Process.Pid, [.. regions]);
            }

            var now = _time.GetTimestamp();
            _reported.Pass(report.Intervals, _time.GetElapsedTime(_passedAt, now));
            _passedAt = now;
        }
    }

    private void Know(SensedTarget sensed)
    {
        var process = sensed.Process;
        if (_known.TryGetValue(process.Pid, out var known))
        {
            if (known.Process == process && known.Generation == sensed.Generation)
            {
                return;
            }

            EndKnown(known.Process, "it runs another program now");
        }

        // It may have been taken out while the kernel was asked.
        if (!_wanted.TryGetValue(process, out var target))
        {
            return;
        }

        var actor = _factory.OpenActor(process);
        if (!actor.IsOk)
        {
            _wanted.Remove(process);
            _isChanged = true;
            _ended.Add(new EndedProcess(process, actor.Error.Kind == HostErrorKind.Vanished ? TargetState.Gone : TargetState.Denied, actor.Error.ToString()));
            return;
        }

        _known[process.Pid] = (process, sensed.Generation, _reported.AddTarget(process.Pid, target.Guard(actor.Value), sensed.Group, target.Container.Schemes));
    }

    private void EndKnown(ProcessIdentity process, string reason)
    {
        if (_known.TryGetValue(process.Pid, out var known) && known.Process == process)
        {
            _known.Remove(process.Pid);
            _reported.EndTarget(process.Pid, TargetState.Gone, $"process {process.Pid}: {reason}");
        }
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
                CancellationToken.None).WaitAsync(PatienceAtEnd).GetAwaiter().GetResult();
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
