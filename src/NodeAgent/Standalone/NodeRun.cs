using Damon.Engine.Host;
using Damon.Engine.KernelDamon;

namespace Damon.NodeAgent.Standalone;

/// <summary>
/// The agent's loop for schemes of a whole node, which the kernel carries out behind leases. It takes the machine's DAMON and gives it back; every call of the kernel happens on the thread that talks to
/// it, so that a kernel that does not answer keeps nobody from ending the run.
/// </summary>
/// <param name="kernel">The machine's DAMON and the thread that talks to it.</param>
/// <param name="enforce">Makes the enforcer for the kdamond that was taken.</param>
/// <param name="time">The clock.</param>
/// <param name="duration">How long to run; null until cancelled.</param>
public sealed class NodeRun(KernelSensing kernel, Func<IKdamond, KernelEnforcer> enforce, TimeProvider time, TimeSpan? duration)
{
    /// <summary>A call of the kernel that is under way cannot be taken back; after this the run ends without having given the kernel back. What was granted ends by itself.</summary>
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(20);

    private KernelEnforcer? _enforcer;
    private long _startedAt;

    /// <summary>The schemes; none before the kernel was taken.</summary>
    public IReadOnlyList<KernelSchemeStatus> Schemes => _enforcer?.Schemes ?? [];

    /// <summary>The control groups whose memory may be acted on now.</summary>
    public IReadOnlyList<EligibleCgroup> Cgroups => _enforcer?.Scope.Cgroups ?? [];

    /// <summary>Wall time since it began.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>How often the kdamond had ended without us.</summary>
    public ulong Restarts => _enforcer?.Restarts ?? 0;

    /// <summary>Whether the kdamond was on.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>What the kernel answered last.</summary>
    public KernelOutcome LastOutcome { get; private set; } = KernelOutcome.Done;

    /// <summary>How the kernel was given back.</summary>
    public KernelOutcome GivenBack { get; private set; } = KernelOutcome.Done;

    /// <summary>Runs until the time is over or it is cancelled; then every grant is taken back, the kdamond is off and the kernel given back, also where something fails.</summary>
    /// <param name="onStep">Sees each round, on the calling thread, while nothing is done to the kernel.</param>
    /// <param name="cancellation">Ends it cleanly at any moment.</param>
    /// <returns>Why it ended; null where the kernel could not be taken, the kdamond not be started, or the kernel was taken away: <see cref="LastOutcome"/> says why.</returns>
    public RunEnd? Run(Action<NodeRun> onStep, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(onStep);
        _startedAt = time.GetTimestamp();
        try
        {
            return RunTaken(onStep, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return RunEnd.Interrupted;
        }
        finally
        {
            GiveBack();
            Elapsed = time.GetElapsedTime(_startedAt);
        }
    }

    private RunEnd? RunTaken(Action<NodeRun> onStep, CancellationToken cancellation)
    {
        var taken = kernel.Worker.ReadAsync(kernel.Interface.Take, cancellation).GetAwaiter().GetResult();
        if (!taken.TryGet(out var kdamond))
        {
            LastOutcome = From(taken.Error);
            return null;
        }

        var enforcer = _enforcer = enforce(kdamond);
        LastOutcome = kernel.Worker.ChangeAsync(enforcer.Start, cancellation).GetAwaiter().GetResult();
        if (!LastOutcome.IsDone)
        {
            return null;
        }

        HasStarted = true;
        using var waiter = new IntervalWaiter(time, cancellation);
        while (true)
        {
            var since = time.GetTimestamp();
            LastOutcome = kernel.Worker.ChangeAsync(enforcer.Step, cancellation).GetAwaiter().GetResult();
            Elapsed = time.GetElapsedTime(_startedAt);
            onStep(this);
            if (LastOutcome.Kind == KernelOutcomeKind.Overwritten)
            {
                // Somebody else has taken the interface. What we granted ends by itself.
                return null;
            }

            if (!waiter.WaitUntil(since, enforcer.Interval))
            {
                return RunEnd.Interrupted;
            }

            if (duration is { } most && time.GetElapsedTime(_startedAt) >= most)
            {
                return RunEnd.Duration;
            }
        }
    }

    private void GiveBack()
    {
        var enforcer = _enforcer;
        try
        {
            GivenBack = kernel.Worker.ChangeAsync(
                () =>
                {
                    var stopped = enforcer?.Stop() ?? KernelOutcome.Done;
                    var released = kernel.Interface.Release();
                    return stopped.IsDone ? released : stopped;
                },
                CancellationToken.None).WaitAsync(PatienceAtEnd).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            GivenBack = new KernelOutcome(KernelOutcomeKind.Busy, $"the kernel has not answered within {PatienceAtEnd.TotalSeconds:0} s");
        }
    }

    private static KernelOutcome From(HostError error) => new(
        error.Kind switch
        {
            HostErrorKind.Busy or HostErrorKind.TryAgain => KernelOutcomeKind.Busy,
            HostErrorKind.Denied => KernelOutcomeKind.Denied,
            HostErrorKind.Vanished => KernelOutcomeKind.Vanished,
            HostErrorKind.Unsupported => KernelOutcomeKind.Unsupported,
            _ => KernelOutcomeKind.Refused,
        },
        error.Detail.Length > 0 ? error.Detail : error.ToString());
}
