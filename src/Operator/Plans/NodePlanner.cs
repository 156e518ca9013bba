using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Operator.Nodes;

namespace Damon.Operator.Plans;

/// <summary>Makes a node's plan out of what has been decided about each scheme.</summary>
internal static class NodePlanner
{
    /// <summary>Makes it.</summary>
    /// <param name="node">The Node.</param>
    /// <param name="record">Its own DamonNode; null where there is none.</param>
    /// <param name="schemes">All schemes, best rank first.</param>
    /// <param name="clusterMode">How far any scheme may go in the cluster.</param>
    /// <param name="cut">Uids of the schemes that do not fit.</param>
    public static NodePlan Make(NodeFacts node, DamonNodeRecord? record, IReadOnlyList<PlannableScheme> schemes, ClusterMode clusterMode, out IReadOnlyList<string> cut)
    {
        var entries = new List<PlannedEntry>(DamonNodeReader.MaxSchemes);
        var left = new List<string>();
        var bytes = 0;
        foreach (var scheme in schemes)
        {
            var current = record?.Entry(scheme.Uid);
            if (Entry(node, scheme, current) is not { } entry)
                continue;
            var size = NodePlanWriter.SizeOf(entry);
            if (entries.Count == DamonNodeReader.MaxSchemes || bytes + size > NodePlanWriter.MaxEntryBytes)
            {
                left.Add(scheme.Uid);
                continue;
            }

            bytes += size;
            var rank = entries.Count + 1;
            entries.Add(entry.Rank == rank ? entry : entry with { Rank = rank });
        }

        cut = left;
        return new(node.IsPaused ? ClusterMode.Off : clusterMode, entries);
    }

    // Of what nothing has been decided yet, as after a start, stays what is.
    private static PlannedEntry? Entry(NodeFacts node, PlannableScheme scheme, PlannedEntry? current) =>
        scheme.Directive is not { } directive ? current
        : directive.Selects(node) ? directive.EntryFor(current, scheme.Granted.Contains(node.Name))
        : null;
}
