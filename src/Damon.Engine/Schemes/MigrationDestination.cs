namespace Damon.Engine.Schemes;

/// <summary>A memory node that pages are moved to.</summary>
/// <param name="Node">Its number, from 0 to 1023.</param>
/// <param name="Weight">Its part of the pages relative to the other destinations, from 0, for none, to a million.</param>
public readonly record struct MigrationDestination(int Node, int Weight = 1)
{
    /// <summary>The most destinations of one scheme.</summary>
    public const int MaxCount = 16;

    /// <summary>The highest weight.</summary>
    public const int MaxWeight = 1_000_000;

    internal static void Check(IReadOnlyList<MigrationDestination>? destinations, SchemeAction action, string field, List<PlanError> errors)
    {
        var migrates = action is SchemeAction.MigrateHot or SchemeAction.MigrateCold;
        if (destinations is null || (migrates && destinations.Count == 0))
        {
            errors.Add(new PlanError(field, migrates ? $"are missing; {action} needs 1 to {MaxCount}" : "are missing; a list without destinations moves nothing"));
            return;
        }

        if (!migrates && destinations.Count > 0)
        {
            errors.Add(new PlanError(field, $"has {destinations.Count} items; {action} moves nothing, leave them out"));
            return;
        }

        if (destinations.Count > MaxCount)
        {
            errors.Add(new PlanError(field, $"has {destinations.Count} items; write at most {MaxCount}"));
            return;
        }

        var nodes = new HashSet<int>();
        var weights = 0L;
        for (var i = 0; i < destinations.Count; i++)
        {
            var (node, weight) = destinations[i];
            if (node is < 0 or > QuotaGoal.MaxNode)
            {
                errors.Add(new PlanError($"{field}[{i}].node", $"is {node}; write a number from 0 to {QuotaGoal.MaxNode}"));
            }
            else if (!nodes.Add(node))
            {
                errors.Add(new PlanError($"{field}[{i}].node", $"{node} is a destination before it, too; give it once with the sum of the weights"));
            }

            if (weight is < 0 or > MaxWeight)
            {
                errors.Add(new PlanError($"{field}[{i}].weight", $"is {weight}; write a number from 0 to {MaxWeight}"));
            }

            weights += weight;
        }

        if (migrates && weights <= 0 && errors.TrueForAll(error => !error.Field.StartsWith(field, StringComparison.Ordinal)))
        {
            errors.Add(new PlanError(field, "have weights that are all 0; nothing would be moved"));
        }
    }
}
