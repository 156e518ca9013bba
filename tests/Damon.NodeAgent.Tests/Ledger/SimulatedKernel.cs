using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Tests.Ledger;

/// <summary>Files with identities and processes with pages on nodes: what the ledger's changes are changes of. Every change is a step at which the agent may be killed, before it or after it.</summary>
internal sealed class SimulatedKernel(CrashPoint crash) : IChangeUndo
{
    public const int Pages = 16;
    private const ulong PageBytes = 4096;

    public Dictionary<string, (FileIdentity Identity, string Value)> Files { get; } = new(StringComparer.Ordinal);

    public Dictionary<ProcessIdentity, int[]> Processes { get; } = [];

    /// <summary>Every change that had an effect, in order.</summary>
    public List<string> Effects { get; } = [];

    public void Write(FileChange change, string value)
    {
        crash.Step();
        Set(change, value);
        crash.Step();
    }

    /// <summary>Moves the pages of a range that lie on one node to another.</summary>
    public void Move(PageMove move)
    {
        crash.Step();
        MovePages(move.Process, move.Range, move.From, move.To);
        crash.Step();
    }

    public UndoOutcome Undo(LedgerChange change)
    {
        crash.Step();
        var outcome = change is FileChange file ? UndoFile(file) : UndoMove((PageMove)change);
        crash.Step();
        return outcome;
    }

    private UndoOutcome UndoFile(FileChange change)
    {
        if (!Files.TryGetValue(change.Path, out var file) || file.Identity != change.Identity)
        {
            return UndoOutcome.Gone;
        }

        if (file.Value == change.Before)
        {
            return UndoOutcome.AlreadyUndone;
        }

        if (file.Value != change.After)
        {
            return UndoOutcome.Superseded;
        }

        Set(change, change.Before);
        return UndoOutcome.Undone;
    }

    private UndoOutcome UndoMove(PageMove move) =>
        !Processes.ContainsKey(move.Process) ? UndoOutcome.Gone
        : MovePages(move.Process, move.Range, move.To, move.From) > 0 ? UndoOutcome.Undone
        : UndoOutcome.AlreadyUndone;

    private void Set(FileChange change, string value)
    {
        Files[change.Path] = (change.Identity, value);
        Effects.Add($"{change.Path}={value}");
    }

    private int MovePages(ProcessIdentity process, AddressRange range, int from, int to)
    {
        var nodes = Processes[process];
        var moved = 0;
        for (var page = (int)(range.Start / PageBytes); page < (int)(range.End / PageBytes); page++)
        {
            if (nodes[page] == from)
            {
                nodes[page] = to;
                moved++;
                Effects.Add($"{process.Pid}:{page}>{to}");
            }
        }

        return moved;
    }
}
