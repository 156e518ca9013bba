using Damon.Api.Schemes;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Plans;

/// <summary>
/// Turns a scheme's destinations into memory nodes. A tier's weight is divided evenly over its nodes; a node that is named too has the sum of both. Only proportions count, so that fractions are made whole
/// by multiplying all weights alike.
/// </summary>
internal static class DestinationResolver
{
    /// <summary>Resolves.</summary>
    /// <param name="specs">As the admin wrote them.</param>
    /// <param name="tiers">The machine's tiers.</param>
    /// <param name="destinations">Each node once, in the order in which they were named; empty where it cannot be.</param>
    /// <returns>Which field cannot be resolved, and why; null where all can.</returns>
    public static SchemeProblem? Resolve(IReadOnlyList<DestinationSpec> specs, MemoryTiers tiers, out IReadOnlyList<MigrationDestination> destinations)
    {
        destinations = [];
        for (var i = 0; i < specs.Count; i++)
        {
            if (FindProblem(specs, i, tiers) is { } problem)
            {
                return problem;
            }
        }

        // There is one tier at most, and its count of nodes divides whatever is multiplied by it.
        var unit = specs.Max(spec => (long?)NodesOf(spec, tiers).Count) ?? 1;
        var order = new List<int>();
        var weights = new Dictionary<int, long>();
        foreach (var spec in specs)
        {
            var nodes = NodesOf(spec, tiers);
            foreach (var node in nodes)
            {
                if (!weights.TryGetValue(node, out var before))
                {
                    order.Add(node);
                }

                weights[node] = before + ((spec.Weight ?? 1) * unit / nodes.Count);
            }
        }

        if (order.Count > MigrationDestination.MaxCount)
        {
            var tier = specs.ToList().FindIndex(spec => spec.Tier is not null);
            return new SchemeProblem(
                tier < 0 ? "action.destinations" : $"action.destinations[{tier}].tier", SchemeTranslator.UnsupportedField,
                $"these are {order.Count} memory nodes here, and {MigrationDestination.MaxCount} can be destinations; name nodes");
        }

        var common = weights.Values.Aggregate(0L, GreatestCommonDivisor);
        destinations = [.. order.Select(node => new MigrationDestination(node, (int)(weights[node] / Math.Max(1, common))))];
        return null;
    }

    private static SchemeProblem? FindProblem(IReadOnlyList<DestinationSpec> specs, int index, MemoryTiers tiers)
    {
        var (node, tier) = (specs[index].Node, specs[index].Tier);
        var field = $"action.destinations[{index}].{(tier is null ? "node" : "tier")}";
        var before = specs.Take(index).ToList();
        return before.Exists(other => other.Node == node && other.Tier == tier)
            ? new SchemeProblem(field, SchemeTranslator.UnsupportedField, $"{(tier is null ? $"{node}" : $"{tier}")} is a destination before it, too; give it once with the sum of the weights")
            : tier is not null && before.Exists(other => other.Tier is not null)
            ? new SchemeProblem(field, SchemeTranslator.UnsupportedField, "Fast and Slow together are all memory, and what lies in a tier that is a destination stays there; name one of them")
            : tier is not null && tiers.Reason != CapabilityReason.Available ? new SchemeProblem(field, tiers.Reason.ToString(), tiers.Message)
            : null;
    }

    private static IReadOnlyList<int> NodesOf(DestinationSpec spec, MemoryTiers tiers) => spec.Tier switch
    {
        MemoryTier.Fast => tiers.Fast,
        MemoryTier.Slow => tiers.Slow,
        _ => [spec.Node ?? -1],
    };

    private static long GreatestCommonDivisor(long left, long right)
    {
        while (right != 0)
        {
            (left, right) = (right, left % right);
        }

        return left;
    }
}
