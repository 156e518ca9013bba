using System.Runtime.Versioning;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.Engine.KernelDamon;

/// <summary>A kdamond together with the record of its owner: whoever ends in the middle leaves a record that says what runs, and nothing is read of, or written to, a kdamond that is not ours any more.</summary>
/// <param name="inner">The kdamond.</param>
/// <param name="ownership">Taken.</param>
[UnsupportedOSPlatform("windows")]
internal sealed class HeldKdamond(IKdamond inner, DamonOwnership ownership) : IKdamond
{
    public int Index => inner.Index;

    public KernelFeatures Features => inner.Features;

    public KernelContext? Context => inner.Context;

    public KernelOutcome Start(KernelContext context)
    {
        if (Lost() is { } lost)
        {
            return new KernelOutcome(KernelOutcomeKind.Overwritten, lost);
        }

        var noted = ownership.Starting(Index);
        if (!noted.IsDone)
        {
            return noted;
        }

        var started = inner.Start(context);
        if (!started.IsDone)
        {
            _ = ownership.Stopped(Index);
            return started;
        }

        var recorded = ownership.Started(Index);
        if (!recorded.IsDone)
        {
            // One that no record names could not be cleaned up by anybody.
            _ = Stop();
        }

        return recorded;
    }

    public KernelOutcome Commit(KernelContext context) => Lost() is { } lost ? new KernelOutcome(KernelOutcomeKind.Overwritten, lost) : inner.Commit(context);

    public KernelOutcome Stop()
    {
        if (Lost() is not null)
        {
            // Somebody else's is never turned off.
            return KernelOutcome.Done;
        }

        var stopped = inner.Stop();
        return stopped.IsDone ? ownership.Stopped(Index) : stopped;
    }

    public HostResult<KdamondState> ReadState() => Lost() is { } lost ? new HostError(HostErrorKind.Vanished, HostDamonTree.Root, lost) : inner.ReadState();

    public KernelOutcome Check() => Lost() is { } lost ? new KernelOutcome(KernelOutcomeKind.Overwritten, lost) : inner.Check();

    public HostResult<IReadOnlyList<IReadOnlyList<KernelRegion>>> ReadTriedRegions() => inner.ReadTriedRegions();

    public HostResult<IReadOnlyList<ulong>> ReadTriedBytes() => inner.ReadTriedBytes();

    public HostResult<IReadOnlyList<KernelSchemeStatistics>> ReadStatistics() => inner.ReadStatistics();

    public HostResult<IReadOnlyList<ulong>> ReadEffectiveQuotas() => inner.ReadEffectiveQuotas();

    public HostResult<MonitoringIntervals> ReadIntervals() => inner.ReadIntervals();

    public KernelOutcome CommitGoals(KernelContext context) => inner.CommitGoals(context);

    /// <summary>
    /// Why it is not ours any more; null where it is. A kdamond of ours that has ended is still ours to start; what is locked for the moment, or a module that waits for us to end, is not lost.
    /// </summary>
    private string? Lost() => ownership.Check() is { Loss: not (DamonLoss.None or DamonLoss.TurnedOff or DamonLoss.Unreadable or DamonLoss.ModuleOn) } check ? check.Message : null;
}
