using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.NodeAgent.Agent;

/// <summary>Says on which memory nodes a process's pages lie, for moves that are to be put back. Changes nothing; may be called on any thread, by one at a time.</summary>
internal interface IPagePlaces
{
    /// <summary>Finds the runs of pages that are in memory, each on one node; between two of them, within a range, nothing is in memory.</summary>
    /// <param name="ranges">Page aligned, ascending, without overlaps.</param>
    /// <param name="found">Is cleared, then filled, ascending; stays empty after an error.</param>
    /// <returns>The first address that was not looked at, as one look is bounded: the end of the last range where all was.</returns>
    HostResult<ulong> Find(IReadOnlyList<AddressRange> ranges, ICollection<PlacedRange> found);
}
