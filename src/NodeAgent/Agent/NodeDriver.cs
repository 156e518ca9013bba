using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <summary>
/// Has the schemes of the node carried out in rounds, on the thread that talks to the kernel: one round at a time, each with what was decided right before. The loop never waits for one; it is woken when it is
/// done. Whether or not the loop is there, what was granted in the last one ends by itself.
/// </summary>
internal sealed class NodeDriver
{
    private readonly KernelWorker _worker;
    private readonly NodeSession _session;
    private readonly TimeProvider _time;
    private readonly Action _wake;
    private Task<HostResult<RoundReport>>? _round;
    private TimeSpan _interval;
    private long? _askedAt;
    private volatile bool _isEnding;

    /// <summary>Whether all effects that a round has told of are known here. One that did not answer in time may be done later: the next tells of them again.</summary>
    private bool _areEffectsKnown = true;

    /// <summary>Nothing is asked of the kernel yet.</summary>
    /// <param name="kernel">The kernel, with a place for the node's schemes.</param>
    /// <param name="makeSession">Makes what the kernel's thread works with; it is given what says that all is over.</param>
    /// <param name="time">The clock.</param>
    /// <param name="wake">Wakes the loop.</param>
    public NodeDriver(KernelSensing kernel, Func<Func<bool>, NodeSession> makeSession, TimeProvider time, Action wake)
    {
        (_worker, _time, _wake) = (kernel.Worker, time, wake);
        _session = makeSession(() => _isEnding);
    }

    /// <summary>The round that is under way or was not taken over yet; for tests, in which time must not pass meanwhile.</summary>
    internal Task? Asked => _round;

    /// <summary>The end that was asked for; null before.</summary>
    public Task<HostResult<RoundReport>>? Ending { get; private set; }

    /// <summary>For how long a round has been under way; nothing where none is.</summary>
    public TimeSpan Occupied => _round is null || _askedAt is not { } at ? TimeSpan.Zero : _time.GetElapsedTime(at);

    /// <summary>Whether a round is under way.</summary>
    public bool IsOccupied => _round is not null;

    /// <summary>Until when no round is due.</summary>
    public TimeSpan DueIn => _askedAt is { } at ? _interval - _time.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>Begins a round, where none is under way.</summary>
    public void Ask(KernelEnforcementPlan plan, NodeTargets targets)
    {
        if (_round is not null)
        {
            throw new InvalidOperationException("A round is under way.");
        }

        _askedAt = _time.GetTimestamp();
        _round = CarryOut(() => _session.Round(plan, targets), _areEffectsKnown);
    }

    /// <summary>Takes over a round that is done. What it threw is thrown here: a bug, and the loop's to count.</summary>
    /// <param name="report">What it came to; an error where the kernel's thread did not answer in time. Then nothing is known of it: what stood before may still stand.</param>
    /// <returns>Whether one was done.</returns>
    public bool TryTake(out HostResult<RoundReport> report)
    {
        report = default;
        if (_round is not { IsCompleted: true } round)
        {
            return false;
        }

        _round = null;
        report = round.GetAwaiter().GetResult();
        _areEffectsKnown = report.IsOk;
        _interval = report.TryGet(out var told) && told.Interval > TimeSpan.Zero ? told.Interval : KernelSchemeCompiler.ShortestPass;
        return true;
    }

    /// <summary>
    /// Ends it: nothing is granted any more from now on, and what was is taken back by the kernel's thread as soon as it comes to it. Nobody has to wait for that. Where that thread takes nothing on, it is
    /// to be asked again, because until then the kernel is not given back. Its report tells also of what a round that is under way has done.
    /// </summary>
    public void End()
    {
        _isEnding = true;
        Ending = CarryOut(_session.End, _areEffectsKnown && _round is null);
    }

    private Task<HostResult<RoundReport>> CarryOut(Func<RoundReport> round, bool areEffectsKnown)
    {
        var task = _worker.ReadAsync<RoundReport>(() =>
        {
            if (areEffectsKnown)
            {
                _session.ForgetEffects();
            }

            return round();
        });
        _ = task.ContinueWith(_ => _wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
    }
}
