using System.Globalization;
using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// The kdamonds of this product. Their number is set once: setting it needs that none runs, and makes all of them anew. Whether the interface is ours to use is decided before, by
/// whoever keeps the record of its owner.
/// </summary>
/// <remarks>For one thread. Calls wait as <see cref="KernelPatience"/> says.</remarks>
public sealed class KdamondPool
{
    private readonly PatientDamonTree _tree;
    private readonly IKernelSubjects _subjects;
    private readonly TimeProvider _time;
    private readonly List<IKdamond> _kdamonds = [];

    /// <summary>A pool without kdamonds.</summary>
    /// <param name="tree">The files.</param>
    /// <param name="subjects">The processes and control groups that contexts name.</param>
    /// <param name="time">The clock that waits are measured by.</param>
    /// <param name="random">Chance for the lengths of pauses.</param>
    /// <param name="patience">How long to wait for the interface's lock.</param>
    public KdamondPool(IDamonTree tree, IKernelSubjects subjects, TimeProvider time, RandomSource random, KernelPatience patience)
    {
        ArgumentNullException.ThrowIfNull(patience);
        _tree = new PatientDamonTree(tree, time, random, patience);
        (_subjects, _time) = (subjects, time);
    }

    /// <summary>The kdamonds, by place; empty while the pool is closed.</summary>
    public IReadOnlyList<IKdamond> Kdamonds => _kdamonds;

    /// <summary>Makes the kdamonds, none of which runs, and finds out what the kernel can.</summary>
    /// <param name="count">How many; at least 1.</param>
    /// <returns><see cref="KernelOutcomeKind.Busy"/> where a kdamond runs: it is not ours, and nothing was written.</returns>
    /// <exception cref="InvalidOperationException">The pool is open.</exception>
    public KernelOutcome Open(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (_kdamonds.Count > 0)
        {
            throw new InvalidOperationException("The pool is open.");
        }

        _tree.BeginCall();
        if (Idle(out var left) is { IsDone: false } notIdle)
        {
            return notIdle;
        }

        if (left > 0)
        {
            StateWriters.LetLeave(_time);
            _tree.BeginCall();
            if (Idle(out _) is { IsDone: false } noLonger)
            {
                return noLonger;
            }
        }

        var sized = _tree.Write(KernelFiles.KdamondCount, Text(count));
        if (!sized.IsOk)
        {
            return From(sized.Error);
        }

        var probed = KernelFeatureProbe.Probe(_tree, 0);
        if (!probed.TryGet(out var features))
        {
            _tree.BeginCall();
            _tree.Write(KernelFiles.KdamondCount, "0");
            return From(probed.Error);
        }

        for (var i = 0; i < count; i++)
        {
            _kdamonds.Add(new SysfsKdamond(_tree, _subjects, features, i));
        }

        return KernelOutcome.Done;
    }

    /// <summary>
    /// Takes kdamonds over that the owner of the interface has made and that do not run, and finds out what the kernel can. Their number is not written, so the owner's record of them holds; and the owner
    /// takes them away, not <see cref="Close"/>.
    /// </summary>
    /// <param name="count">How many there are; at least 1.</param>
    /// <exception cref="InvalidOperationException">The pool is open.</exception>
    public KernelOutcome Attach(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (_kdamonds.Count > 0)
        {
            throw new InvalidOperationException("The pool is open.");
        }

        var probed = KernelFeatureProbe.Probe(_tree, 0);
        if (!probed.TryGet(out var features))
        {
            return From(probed.Error);
        }

        for (var i = 0; i < count; i++)
        {
            _kdamonds.Add(new SysfsKdamond(_tree, _subjects, features, i));
        }

        return KernelOutcome.Done;
    }

    /// <summary>Stops all kdamonds and takes them away.</summary>
    /// <returns>The first that went wrong. What is not ours any more is left alone: another number of kdamonds, or one that runs and was not started here.</returns>
    public KernelOutcome Close()
    {
        if (_kdamonds.Count == 0)
        {
            return KernelOutcome.Done;
        }

        var outcome = KernelOutcome.Done;
        foreach (var kdamond in _kdamonds)
        {
            var stopped = kdamond.Stop();
            outcome = outcome.IsDone ? stopped : outcome;
        }

        if (!outcome.IsDone && outcome.Kind != KernelOutcomeKind.Vanished && outcome.Kind != KernelOutcomeKind.Overwritten)
        {
            // Some may still run: the pool stays open, so that it can be closed again.
            return outcome;
        }

        var count = _kdamonds.Count;
        _kdamonds.Clear();
        if (!outcome.IsDone)
        {
            return outcome;
        }

        StateWriters.LetLeave(_time);
        _tree.BeginCall();
        var found = _tree.Read(KernelFiles.KdamondCount);
        if (!found.TryGet(out var text))
        {
            return From(found.Error);
        }

        if (text != Text(count))
        {
            return new KernelOutcome(KernelOutcomeKind.Overwritten, $"there are {text} kdamonds and not our {count}: somebody else uses the interface");
        }

        var closed = _tree.Write(KernelFiles.KdamondCount, "0");
        return closed.IsOk ? KernelOutcome.Done : From(closed.Error);
    }

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static KernelOutcome From(HostError error) => new(
        error.Kind switch
        {
            HostErrorKind.Busy or HostErrorKind.TryAgain => KernelOutcomeKind.Busy,
            HostErrorKind.Denied => KernelOutcomeKind.Denied,
            HostErrorKind.Vanished => KernelOutcomeKind.Vanished,
            _ => KernelOutcomeKind.Refused,
        },
        error.ToString());

    /// <summary>Whether no kdamond runs. Ones that do not are a predecessor's remains.</summary>
    private KernelOutcome Idle(out int count)
    {
        count = 0;
        var found = _tree.Read(KernelFiles.KdamondCount);
        if (!found.TryGet(out var text))
        {
            return From(found.Error);
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count))
        {
            return new KernelOutcome(KernelOutcomeKind.Refused, $"{KernelFiles.KdamondCount} holds '{text}'");
        }

        for (var i = 0; i < count; i++)
        {
            var state = _tree.Read(KernelFiles.Kdamond(i) + "state");
            if (!state.IsOk)
            {
                return From(state.Error);
            }

            if (state.Value != "off")
            {
                return new KernelOutcome(KernelOutcomeKind.Busy, $"kdamond {i} runs, and it is not ours");
            }
        }

        return KernelOutcome.Done;
    }
}
