namespace Damon.NodeAgent.Safety;

/// <summary>What one rail says now.</summary>
/// <param name="Rail">What holds; null where actions may go on.</param>
/// <param name="BudgetFactor">Share of the budget that may be used where nothing holds, above 0 and at most 1.</param>
/// <param name="Reason">What was found, for people; empty where nothing holds and the budget is whole.</param>
internal readonly record struct RailState(SafetyRail? Rail, double BudgetFactor, string Reason)
{
    public static RailState Clear { get; } = new(null, 1, "");

    public static RailState Held(SafetyRail rail, string reason) => new(rail, 0, reason);
}
