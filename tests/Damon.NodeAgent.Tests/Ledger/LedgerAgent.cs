using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Tests.Ledger;

/// <summary>An agent that changes things at random, always in the ledger's order.</summary>
internal sealed class LedgerAgent(SimulatedKernel kernel, ChangeLedger ledger, Random chance)
{
    private const ulong PageBytes = 4096;

    private int _values;

    /// <summary>Does one thing: writes a file, moves pages, pages out, or undoes a scheme.</summary>
    public void Act()
    {
        var scheme = $"scheme{chance.Next(3)}";
        switch (chance.Next(10))
        {
            case < 4:
                WriteFile(scheme);
                break;
            case < 8:
                MovePages(scheme);
                break;
            case 8:
                ledger.NoteIrreversible(scheme, SchemeAction.Pageout, 4096);
                break;
            default:
                ledger.Undo(new LedgerScope(scheme), kernel);
                break;
        }
    }

    private void WriteFile(string scheme)
    {
        var (path, (identity, before)) = kernel.Files.ElementAt(chance.Next(kernel.Files.Count));
        var change = new FileChange(scheme, "pod", path, identity, before, $"v{_values++}");
        if (ledger.Begin(change) is { } id)
        {
            if (chance.Next(8) == 0)
            {
                // The kernel refuses.
                ledger.NotApplied(id);
                return;
            }

            kernel.Write(change, change.After);
            ledger.Applied(id);
        }
    }

    private void MovePages(string scheme)
    {
        var (process, nodes) = kernel.Processes.ElementAt(chance.Next(kernel.Processes.Count));
        var start = chance.Next(SimulatedKernel.Pages);
        var end = start + 1;
        while (end < nodes.Length && nodes[end] == nodes[start] && end - start < 5)
        {
            end++;
        }

        var to = (nodes[start] + 1 + chance.Next(2)) % 3;
        var move = new PageMove(scheme, "pod", process, new AddressRange((ulong)start * PageBytes, (ulong)end * PageBytes), nodes[start], to);
        if (ledger.Begin(move) is { } id)
        {
            kernel.Move(move);
            ledger.Applied(id);
        }
    }
}
