namespace Damon.Engine.Schemes;

/// <summary>What is wrong with one field of a plan. A plan with errors is never begun, not even in part.</summary>
/// <param name="Field">Its path, such as <c>schemes[cold].quota.interval</c>.</param>
/// <param name="Message">What is wrong and what would be right, for people.</param>
public sealed record PlanError(string Field, string Message)
{
    /// <summary>Both, as one line.</summary>
    public override string ToString() => $"{Field}: {Message}";
}
