using Damon.Engine.Actions;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Ledger;

namespace Damon.NodeAgent.Agent;

/// <summary>What of the pages that were found is to be moved, in parts that can each be put back as a whole: all that is in memory in one of them lies on one node.</summary>
/// <param name="Parts">Ascending; with the node that they lie on.</param>
/// <param name="To">The node that they go to, or <see cref="PageMove.SeveralNodes"/>.</param>
/// <param name="End">The first address that is left for another time.</param>
/// <param name="SkippedBytes">Bytes in front of that in which there is nothing to move.</param>
internal readonly record struct MovePlan(IReadOnlyList<PlacedRange> Parts, int To, ulong End, ulong SkippedBytes)
{
    /// <summary>One move is written down in at most so many parts; what is scattered more is left for later.</summary>
    public const int MaxParts = 64;

    /// <summary>
    /// Memory is seldom without holes, and a part for each piece between them would soon fill the ledger: holes up to the size of a huge page are bridged. What comes into being in one later is put back
    /// with the rest, so larger ones are not.
    /// </summary>
    public const ulong MaxHoleBytes = 2UL << 20;

    /// <summary>Chooses.</summary>
    /// <param name="runs">What is in memory, ascending.</param>
    /// <param name="asked">The ranges that were looked at, ascending.</param>
    /// <param name="end">The first address in them that was not.</param>
    /// <param name="action">The move, with where pages go.</param>
    /// <param name="maxBytes">The most bytes in memory to move.</param>
    public static MovePlan Of(IReadOnlyList<PlacedRange> runs, IReadOnlyList<AddressRange> asked, ulong end, MemoryAction action, ulong maxBytes)
    {
        var pageMask = ~((ulong)Environment.SystemPageSize - 1);
        var nodes = action.Destinations.Where(destination => destination.Weight > 0).Select(destination => destination.Node).ToList();
        var to = nodes.Count == 1 ? nodes[0] : PageMove.SeveralNodes;
        var parts = new List<PlacedRange>();
        var index = 0;
        var beginsAnew = true;
        foreach (var run in runs)
        {
            while (index < asked.Count && asked[index].End <= run.Range.Start)
            {
                (index, beginsAnew) = (index + 1, true);
            }

            if (run.Node == to || action.LeavesOn(run.Node))
            {
                beginsAnew = true;
                continue;
            }

            var bytes = Math.Min(run.Range.SizeBytes, maxBytes) & pageMask;
            var continues = !beginsAnew && parts[^1].Node == run.Node && run.Range.Start - parts[^1].Range.End <= MaxHoleBytes;
            if (bytes == 0 || (!continues && parts.Count == MaxParts))
            {
                end = run.Range.Start;
                break;
            }

            var range = run.Range with { End = run.Range.Start + bytes };
            if (continues)
            {
                parts[^1] = parts[^1] with { Range = parts[^1].Range with { End = range.End } };
            }
            else
            {
                parts.Add(run with { Range = range });
            }

            (maxBytes, beginsAnew) = (maxBytes - bytes, false);
            if (bytes < run.Range.SizeBytes)
            {
                end = range.End;
                break;
            }
        }

        var considered = asked.Aggregate(0UL, (sum, range) => sum + Math.Min(range.End, Math.Max(range.Start, end)) - range.Start);
        return new MovePlan(parts, to, end, considered - parts.Aggregate(0UL, (sum, part) => sum + part.Range.SizeBytes));
    }
}
