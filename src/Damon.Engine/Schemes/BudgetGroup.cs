namespace Damon.Engine.Schemes;

/// <summary>Which targets share a budget: those of one name, as the processes of a pod; a target without a name is alone.</summary>
/// <param name="Name">The name; null for a target that is alone.</param>
/// <param name="TargetId">The target that is alone; −1 where there is a name.</param>
internal readonly record struct BudgetGroup(string? Name, int TargetId)
{
    public static BudgetGroup Of(string? name, int targetId) => name is null ? new BudgetGroup(null, targetId) : new BudgetGroup(name, -1);
}
