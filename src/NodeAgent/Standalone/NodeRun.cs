using Damon.Engine.KernelDamon;

namespace Damon.NodeAgent.Standalone;

/// <summary>The agent's loop for schemes of a whole node, which the kernel carries out behind leases. Everything happens on the thread that calls <see cref="Run"/>.</summary>
/// <param name="enforcer">The schemes and their kdamond.</param>
/// <param name="time">The clock.</param>
/// <param name="duration">How long to run; null until cancelled.</param>
public sealed class NodeRun(KernelEnforcer enforcer, TimeProvider time, TimeSpan? duration)
{
    private long _startedAt;

    /// <summary>The schemes.</summary>
    public IReadOnlyList<KernelSchemeStatus> Schemes => enforcer.Schemes;

    /// <summary>The control groups whose memory may be acted on now.</summary>
    public IReadOnlyList<EligibleCgroup> Cgroups => enforcer.Scope.Cgroups;

    /// <summary>Wall time since it began.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>How often the kdamond had ended without us.</summary>
    public ulong Restarts => enforcer.Restarts;

    /// <summary>What the kernel answered last.</summary>
    public KernelOutcome LastOutcome { get; private set; } = KernelOutcome.Done;

    /// <summary>Runs until the time is over or it is cancelled; then every grant is taken back and the kdamond is off, also where something fails.</summary>
    /// <param name="onStep">Sees each round.</param>
    /// <param name="cancellation">Ends it cleanly at any moment but within a call of the kernel.</param>
    /// <returns>Why it ended; null where the kdamond could not be started, <see cref="LastOutcome"/> says why.</returns>
    public RunEnd? Run(Action<NodeRun> onStep, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(onStep);
        _startedAt = time.GetTimestamp();
        try
        {
            LastOutcome = enforcer.Start();
            if (!LastOutcome.IsDone)
            {
                return null;
            }

            using var waiter = new IntervalWaiter(time, cancellation);
            while (true)
            {
                var since = time.GetTimestamp();
                LastOutcome = enforcer.Step();
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
        finally
        {
            enforcer.Stop();
            Elapsed = time.GetElapsedTime(_startedAt);
        }
    }
}
