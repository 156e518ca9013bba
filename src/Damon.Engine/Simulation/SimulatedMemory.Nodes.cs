using Damon.Engine.Schemes;

namespace Damon.Engine.Simulation;

/// <content>
/// Memory nodes: all pages lie on node 0 until they are moved, and every node there could be has room. A page that was paged out comes back to where it was. How fast a node is changes nothing: the truth
/// is which pages are accessed, not what an access costs.
/// </content>
public sealed partial class SimulatedMemory
{
    /// <summary>The unit of several destinations, as for real processes: a huge page of 2 MiB.</summary>
    private const int BlockOrder = 9;

    /// <summary>The node of each page; null as long as all are on node 0.</summary>
    private ushort[]? _nodes;
    private ulong _pagesElsewhere;

    /// <summary>Bytes in memory on other nodes than node 0.</summary>
    public ulong ElsewhereBytes => _pagesElsewhere * PageBytes;

    /// <summary>Bytes that were moved to another node, each time counted.</summary>
    public ulong MovedBytes { get; private set; }

    /// <summary>The memory node of a page, whether it is in memory or would come back there.</summary>
    /// <param name="address">An address in it.</param>
    public int NodeOf(ulong address) => _nodes?[(address - _base) / PageBytes] ?? 0;

    private static bool Migrates(MemoryAction action) => action.Kind is SchemeAction.MigrateHot or SchemeAction.MigrateCold;

    /// <summary>Simulated is what user space can do to a process: what takes a control group or the kernel's own DAMON is counted only.</summary>
    private bool CanCarryOut(SchemeAction action)
    {
        LastError = action == SchemeAction.Reclaim ? "a simulated memory has no control group to reclaim from" : UserSpaceAction.WhyNot(action);
        return LastError.Length == 0;
    }

    private int DestinationOf(MemoryAction action, ulong index) =>
        MigrationPlacement.NodeOf(MigrationPlacement.FolioIndex((_base / PageBytes) + index, BlockOrder), action.Destinations);

    private bool IsAstray(MemoryAction action, ulong index)
    {
        var destination = DestinationOf(action, index);
        var node = _nodes?[index] ?? 0;
        return destination >= 0 && destination != node && !action.LeavesOn(node);
    }

    private ulong Migrate(MemoryAction action, SimulatedRegion region, ulong from, ulong to)
    {
        _nodes ??= new ushort[_awayBits.Length * 64];
        var first = (region.Range.Start - _base) / PageBytes;
        ulong moved = 0;
        for (var page = first + from; page < first + to; page++)
        {
            if (IsAway(page) || !IsAstray(action, page))
            {
                continue;
            }

            CountOnNode(page, -1);
            _nodes[page] = (ushort)DestinationOf(action, page);
            CountOnNode(page, +1);
            moved++;
        }

        MovedBytes += moved * PageBytes;
        return moved;
    }

    private void CountOnNode(ulong index, int pages)
    {
        if (_nodes is { } nodes && nodes[index] != 0)
        {
            _pagesElsewhere = (ulong)((long)_pagesElsewhere + pages);
        }
    }
}
