using Damon.Engine.Host;
using Damon.Engine.Monitoring;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// One kdamond of ours. Calls block for up to an apply interval of the kernel, plus the time that another writer holds the interface's lock; all waits are bounded. One thread at a time.
/// </summary>
public interface IKdamond
{
    /// <summary>Its place.</summary>
    int Index { get; }

    /// <summary>What the kernel can.</summary>
    KernelFeatures Features { get; }

    /// <summary>What is in force, or was when it ended; null before the first start.</summary>
    KernelContext? Context { get; }

    /// <summary>Writes everything, reads it back and compares, and turns it on.</summary>
    /// <param name="context">What to do.</param>
    KernelOutcome Start(KernelContext context);

    /// <summary>Writes what differs, compares, and puts it in force in the running kdamond: what it has learned stays.</summary>
    /// <param name="context">What to do. Targets and schemes keep their places; <see cref="KernelScheme.Inert"/> stands in a place that is not used any more.</param>
    KernelOutcome Commit(KernelContext context);

    /// <summary>Turns it off. Done, too, where it has already ended.</summary>
    KernelOutcome Stop();

    /// <summary>Whether it runs.</summary>
    HostResult<KdamondState> ReadState();

    /// <summary>Looks whether it runs and is as it was left, without giving it a command: what somebody else has written into its files is found before it is committed to again. Reads only.</summary>
    /// <returns><see cref="KernelOutcomeKind.NotRunning"/> where it has ended, <see cref="KernelOutcomeKind.Overwritten"/> where somebody else uses the interface.</returns>
    KernelOutcome Check() => ReadState() is var read && read.TryGet(out var state)
        ? state.IsOn ? KernelOutcome.Done : new KernelOutcome(KernelOutcomeKind.NotRunning, $"kdamond {Index} has ended")
        : new KernelOutcome(read.Error.Kind is HostErrorKind.Busy or HostErrorKind.TryAgain ? KernelOutcomeKind.Busy : KernelOutcomeKind.Overwritten, read.Error.ToString());

    /// <summary>Waits for one apply interval of every scheme and reads which regions each has tried. Costs five or six files a region: let a scheme's pattern be the query.</summary>
    /// <returns>Per scheme, in the order of its walk: targets by place, addresses ascending.</returns>
    HostResult<IReadOnlyList<IReadOnlyList<KernelRegion>>> ReadTriedRegions();

    /// <summary>As <see cref="ReadTriedRegions"/>, but only the sum of the bytes.</summary>
    /// <returns>Per scheme.</returns>
    HostResult<IReadOnlyList<ulong>> ReadTriedBytes();

    /// <summary>Reads what was counted. Read it before <see cref="Stop"/>: afterwards the kernel gives the figures of the last read.</summary>
    /// <returns>Per scheme.</returns>
    HostResult<IReadOnlyList<KernelSchemeStatistics>> ReadStatistics();

    /// <summary>Reads the budgets in force, in bytes per window.</summary>
    /// <returns>Per scheme.</returns>
    HostResult<IReadOnlyList<ulong>> ReadEffectiveQuotas();

    /// <summary>Reads the intervals in force, which the kernel may have tuned.</summary>
    HostResult<MonitoringIntervals> ReadIntervals();

    /// <summary>Feeds the goals' current values without touching anything else.</summary>
    /// <param name="context">As <see cref="Context"/>, with other <see cref="Schemes.QuotaGoal.Current"/> values.</param>
    KernelOutcome CommitGoals(KernelContext context);
}
