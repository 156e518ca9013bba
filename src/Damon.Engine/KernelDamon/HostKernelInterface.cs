using System.Runtime.Versioning;
using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>The interface of a host's kernel, with the record of its owner.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class HostKernelInterface : IKernelInterface, IDisposable
{
    private readonly IDamonTree _tree;
    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly DamonOwnership _ownership;

    /// <summary>Nothing is read or written yet.</summary>
    /// <param name="tree">The kernel's files.</param>
    /// <param name="host">The host.</param>
    /// <param name="time">Waits between retries.</param>
    /// <param name="settings">How it is taken.</param>
    public HostKernelInterface(IDamonTree tree, HostRoot host, TimeProvider time, OwnershipSettings settings)
    {
        _tree = tree;
        _host = host;
        _time = time;
        _ownership = new DamonOwnership(tree, host, time, settings);
    }

    /// <inheritdoc/>
    public HostResult<IKdamond> Take()
    {
        var taken = Take(1);
        return taken.TryGet(out var kdamonds) ? (HeldKdamond)kdamonds[0] : taken.Error;
    }

    /// <inheritdoc/>
    public HostResult<IReadOnlyList<IKdamond>> Take(int count)
    {
        var taken = _ownership.Take(count);
        if (!taken.IsDone)
        {
            return Of(taken);
        }

        var pool = new KdamondPool(_tree, new HostKernelSubjects(_host, CgroupLayout.Detect(_host)), _time, new RandomSource(1), new KernelPatience());
        var attached = pool.Attach(count);
        if (!attached.IsDone)
        {
            _ = _ownership.Release();
            return Of(attached);
        }

        return pool.Kdamonds.Select(IKdamond (kdamond) => new HeldKdamond(kdamond, _ownership)).ToList();
    }

    /// <inheritdoc/>
    public KernelOutcome Release() => _ownership.Release();

    /// <summary>
    /// Lets go of the record's lock. What was not given back stays as it is, with the record that says so, for whoever comes next: the thread that should have given it back may still be in the kernel, and two
    /// of them must not be in there.
    /// </summary>
    public void Dispose() => _ownership.LeaveBehind();

    private static HostError Of(KernelOutcome outcome) => new(
        outcome.Kind switch
        {
            KernelOutcomeKind.Busy => HostErrorKind.Busy,
            KernelOutcomeKind.Denied => HostErrorKind.Denied,
            KernelOutcomeKind.Vanished => HostErrorKind.Vanished,
            KernelOutcomeKind.Unsupported => HostErrorKind.Unsupported,
            _ => HostErrorKind.Failed,
        },
        HostDamonTree.Root,
        outcome.Message);
}
