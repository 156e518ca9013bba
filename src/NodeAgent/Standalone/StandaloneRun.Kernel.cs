using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Monitoring;
using Damon.NodeAgent.Heatmaps;

namespace Damon.NodeAgent.Standalone;

/// <content>The loop where the kernel senses: it is asked what it has found, and everything else happens here as with every other backend.</content>
public sealed partial class StandaloneRun
{
    /// <summary>The latest ones are shown at the end.</summary>
    private const int MaxNotices = 64;

    /// <summary>
    /// A look at the kernel that is under way cannot be taken back, and the interface may be locked by somebody else; after this the run ends without having given the kernel back. Whoever ended the run waits for
    /// it, and what ends this whole process by force comes after ten seconds.
    /// </summary>
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(6);

    private readonly KernelSensing? _kernel;
    private readonly ReportedSession? _reported;
    private readonly SensedTargets? _sensed;
    private readonly Dictionary<ProcessIdentity, ulong> _wanted = [];
    private readonly List<string> _notices = [];
    private KernelSensor? _sensor;
    private KernelReadPace? _readPace;

    /// <summary>The kdamond's thread; -1 where none runs, or the kernel does not sense.</summary>
    public int KdamondPid { get; private set; } = -1;

    /// <summary>How often the kernel has begun anew, with all that it had learned lost.</summary>
    public int KernelRestarts { get; private set; }

    /// <summary>CPU time of the kdamond when it was last seen, in steps of 10 ms.</summary>
    public TimeSpan KdamondCpuTime { get; private set; }

    /// <summary>Why the kernel does not sense, or could not be given back; empty where all is well.</summary>
    public string KernelError { get; private set; } = "";

    /// <summary>What has happened with the kernel that people should know; the latest of it.</summary>
    public IReadOnlyList<string> Notices => _notices;

    private RunEnd RunKernel(CancellationToken cancellation)
    {
        FollowKernel();
        if (_wanted.Count == 0)
        {
            return RunEnd.NoTarget;
        }

        _startedAt = _time.GetTimestamp();
        _cpuAtStart = Environment.CpuUsage.TotalTime;
        try
        {
            return RunTaken(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return RunEnd.Interrupted;
        }
        finally
        {
            GiveBack();
            ReadResident();
        }
    }

    private RunEnd RunTaken(CancellationToken cancellation)
    {
        var worker = _kernel!.Worker;
        var taken = worker.ReadAsync(_kernel.Interface.Take, cancellation).GetAwaiter().GetResult();
        if (!taken.TryGet(out var kdamond))
        {
            KernelError = taken.Error.Detail.Length > 0 ? taken.Error.Detail : taken.Error.ToString();
            return RunEnd.KernelLost;
        }

        var sensor = _sensor = new KernelSensor(_host, kdamond, _time);
        _readPace = new KernelReadPace(_options.CpuCeiling);
        _sensed!.Begin();
        using var waiter = new IntervalWaiter(_time, cancellation);
        var followedAt = _time.GetTimestamp();
        var readAt = followedAt;
        var untilRead = TimeSpan.Zero;
        var hasStarted = false;
        while (true)
        {
            // The first round only starts the kernel: there is nothing to read yet.
            var reads = hasStarted && _time.GetElapsedTime(readAt) >= untilRead;
            var request = new SensorRequest(_options.Plan, [.. _wanted.Keys.Select(process => new SensedProcess(process, _follower.GroupOf(process)))])
            {
                AllRegions = _options.ShowsAllRegions || _options.Recorder is not null,
                ReadRegions = reads,
            };
            var sensed = worker.ReadAsync<SensorReport>(() => sensor.Sense(request), cancellation).GetAwaiter().GetResult();
            if (!sensed.TryGet(out var report))
            {
                KernelError = sensed.Error.ToString();
                return RunEnd.KernelLost;
            }

            var isFirst = !hasStarted;
            Take(report, ref hasStarted);
            if (report.State == SensorState.Lost)
            {
                KernelError = report.Message;
                return RunEnd.KernelLost;
            }

            if (reads || isFirst)
            {
                readAt = _time.GetTimestamp();
                untilRead = UntilRead(report, reads);
            }

            if (_wanted.Count == 0 || _time.GetElapsedTime(followedAt) >= _followGovernor.Interval)
            {
                followedAt = _time.GetTimestamp();
                var cpu = _cpuClock.GetTimestamp();
                FollowKernel();
                _followGovernor.Next(_cpuClock.GetElapsedTime(cpu));
                if (_wanted.Count == 0)
                {
                    return RunEnd.TargetsGone;
                }
            }

            if (_options.Duration is { } duration && Elapsed >= duration)
            {
                return RunEnd.Duration;
            }

            if (!waiter.WaitUntil(_time.GetTimestamp(), Pause(readAt, untilRead, followedAt)))
            {
                return RunEnd.Interrupted;
            }
        }
    }

    /// <summary>Until there is something to do: a read, a search for processes, or the end.</summary>
    private TimeSpan Pause(long readAt, TimeSpan untilRead, long followedAt)
    {
        var pause = untilRead - _time.GetElapsedTime(readAt);
        var untilFollow = _followGovernor.Interval - _time.GetElapsedTime(followedAt);
        pause = untilFollow < pause ? untilFollow : pause;
        return _options.Duration is { } duration && duration - Elapsed < pause ? duration - Elapsed : pause;
    }

    private TimeSpan UntilRead(SensorReport report, bool wasRead)
    {
        var wanted = _options.Recorder is not null || Session.Schemes.Count == 0 ? TimeSpan.Zero : Session.Schemes.Min(scheme => scheme.Description.ApplyInterval);
        return _readPace!.Next(report, wasRead, wanted);
    }

    private void Take(SensorReport report, ref bool hasStarted)
    {
        KdamondPid = report.KdamondPid;
        KdamondCpuTime = report.KdamondCpuTime > TimeSpan.Zero ? report.KdamondCpuTime : KdamondCpuTime;
        foreach (var ended in report.Ended)
        {
            _wanted.Remove(ended.Process);
        }

        var epoch = _sensed!.Epoch;
        _sensed.Follow(report);

        // With its last process gone it is off, and nothing is lost.
        KernelRestarts += _sensed.Epoch == epoch || report.State == SensorState.Idle ? 0 : 1;
        if (!hasStarted && report.State != SensorState.Lost)
        {
            hasStarted = true;
            ReadResident();
            _observer.OnStarted(this);
        }

        foreach (var notice in report.Notices)
        {
            Tell(notice);
        }

        _sensed.Pass(report);
    }

    /// <summary>Takes a process into the session that the kernel senses now.</summary>
    private bool OpenSensed(SensedTarget sensed)
    {
        var process = sensed.Process;
        if (!_wanted.TryGetValue(process, out var resident))
        {
            return false;
        }

        var actor = _factory.OpenActor(process);
        if (!actor.IsOk)
        {
            RefuseUnlessGone(process, actor.Error);
            _wanted.Remove(process);
            return false;
        }

        var target = _reported!.AddTarget(process.Pid, Guarded(actor.Value, process), sensed.Group);
        Know(new Target(process, target, null, new Heatmap(columns: 64, maxRows: 48)), resident);
        return true;
    }

    private void FollowKernel()
    {
        ForgetEnded();
        var found = _follower.Find();
        if (_follower.IsComplete)
        {
            DropStrangers(found);
            var now = found.ToHashSet();
            foreach (var process in _wanted.Keys)
            {
                if (!now.Contains(process))
                {
                    LetGo(process);
                }
            }
        }

        foreach (var process in found)
        {
            if (!_wanted.ContainsKey(process) && !_refused.Contains(process) && IsAdmitted(process, out var resident))
            {
                _wanted.Add(process, resident);
            }
        }
    }

    /// <summary>A process that was not found any more: it has ended, or belongs to nothing that was given.</summary>
    private void LetGo(ProcessIdentity process)
    {
        _wanted.Remove(process);
        _sensed!.End(process, TargetState.Gone, $"process {process.Pid}: the process has exited");
    }

    private void Tell(string notice)
    {
        if (_notices.Count == MaxNotices)
        {
            _notices.RemoveAt(0);
        }

        _notices.Add(notice);
        _observer.OnNotice(this, notice);
    }

    private void GiveBack()
    {
        var sensor = _sensor;
        KernelOutcome outcome;
        try
        {
            outcome = _kernel!.Worker.ChangeAsync(
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

        KdamondPid = -1;
        if (!outcome.IsDone)
        {
            Tell($"the kernel's DAMON could not be given back: {outcome.Message}. What is left there only counts accesses; the next run cleans it up");
        }
    }
}
