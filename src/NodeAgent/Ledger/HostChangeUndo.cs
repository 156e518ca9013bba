using System.Text;
using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Ledger;

/// <summary>Puts changes back on a host.</summary>
/// <param name="host">The host.</param>
/// <param name="openMover">Opens what moves a process's pages; by default move_pages(2).</param>
/// <param name="time">The clock.</param>
internal sealed class HostChangeUndo(HostRoot host, TimeProvider time, Func<ProcessIdentity, HostResult<IMemoryActor>>? openMover = null) : IChangeUndo
{
    /// <summary>Where changes of files are made at all. A ledger that says otherwise is not one of ours.</summary>
    private static readonly string[] Ours = ["/sys/fs/cgroup/", "/proc/sys/vm/", "/sys/kernel/mm/"];

    /// <summary>Whether a ledger may hold changes of this file.</summary>
    public static bool IsOurs(string path) => Ours.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)) && !path.Split('/').Contains("..", StringComparer.Ordinal);

    public UndoOutcome Undo(LedgerChange change) => change switch
    {
        FileChange file => Undo(file),
        PageMove move => Undo(move),
        _ => throw new ArgumentException($"Nothing puts back {change.GetType()}.", nameof(change)),
    };

    private UndoOutcome Undo(FileChange change)
    {
        if (!IsOurs(change.Path))
        {
            return UndoOutcome.Superseded;
        }

        var opened = host.Open(change.Path, HostFileAccess.ReadWrite);
        if (!opened.TryGet(out var file))
        {
            return opened.Error.Kind == HostErrorKind.Vanished ? UndoOutcome.Gone : UndoOutcome.Failed;
        }

        using (file)
        {
            // The file is open first: if the path still means what it meant, so does the open file.
            var identity = host.Identify(change.Path);
            if (!identity.IsOk || identity.Value != change.Identity)
            {
                return UndoOutcome.Gone;
            }

            var reader = new HostReader(maxBytes: 64 * 1024);
            var read = reader.Read(file);
            if (!read.IsOk)
            {
                return read.Error.Kind == HostErrorKind.Vanished ? UndoOutcome.Gone : UndoOutcome.Failed;
            }

            var now = Encoding.UTF8.GetString(reader.Content).TrimEnd('\n');
            if (now == change.Before)
            {
                return UndoOutcome.AlreadyUndone;
            }

            if (now != change.After)
            {
                return UndoOutcome.Superseded;
            }

            var written = file.WriteAt(Encoding.UTF8.GetBytes(change.Before + "\n"), 0);
            return written.IsOk ? UndoOutcome.Undone : written.Error.Kind == HostErrorKind.Vanished ? UndoOutcome.Gone : UndoOutcome.Failed;
        }
    }

    private UndoOutcome Undo(PageMove move)
    {
        var opened = openMover?.Invoke(move.Process) ?? Open(move.Process);
        if (!opened.TryGet(out var mover))
        {
            return opened.Error.Kind == HostErrorKind.Vanished ? UndoOutcome.Gone : UndoOutcome.Failed;
        }

        using (mover)
        {
            var back = new MemoryAction(SchemeAction.MigrateCold, [new MigrationDestination(move.From, 1)]);
            var result = mover.Apply(back, [move.Range]);
            return result.Outcome switch
            {
                ActionOutcome.Applied or ActionOutcome.Unmeasured => UndoOutcome.Undone,

                // Pages that are locked or shared meanwhile stay where they are: they cannot be moved, and lie well enough. Those that only found no room are owed.
                ActionOutcome.Partial => mover.Measure(back, move.Range, ulong.MaxValue, out var left) == ActionOutcome.Applied && left.ReachableBytes == 0 ? UndoOutcome.Undone : UndoOutcome.Failed,
                ActionOutcome.NoEffect or ActionOutcome.Nothing => UndoOutcome.AlreadyUndone,
                ActionOutcome.Gone => UndoOutcome.Gone,
                _ => UndoOutcome.Failed,
            };
        }
    }

    private HostResult<IMemoryActor> Open(ProcessIdentity process)
    {
        var opened = TargetActor.Open(host, process, time);
        return opened.TryGet(out var actor) ? actor : opened.Error;
    }
}
