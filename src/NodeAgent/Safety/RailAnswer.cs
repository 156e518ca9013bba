namespace Damon.NodeAgent.Safety;

/// <summary>What all rails together say to one action on one container.</summary>
/// <param name="HeldBy">The rail that holds; null where it may go on.</param>
/// <param name="Reason">What that rail found, or why the budget is smaller, for people.</param>
/// <param name="BudgetFactor">Share of the budget that may be used: the smallest that any rail gives, 0 where one holds.</param>
/// <param name="MaxBytes">The most that may leave memory by this action now; <see cref="ulong.MaxValue"/> for no bound.</param>
/// <param name="AnonymousHeldBy">The rail that leaves anonymous memory alone while the action goes on; null for none.</param>
/// <param name="EnforceHeldBy">The rail for which it may be observed only, whatever the scheme's mode; null for none.</param>
internal readonly record struct RailAnswer(
    SafetyRail? HeldBy,
    string Reason,
    double BudgetFactor,
    ulong MaxBytes,
    SafetyRail? AnonymousHeldBy = null,
    SafetyRail? EnforceHeldBy = null)
{
    public bool IsAllowed => HeldBy is null;

    public bool AllowsAnonymous => AnonymousHeldBy is null;

    public static RailAnswer Held(SafetyRail rail, string reason) => new(rail, reason, 0, 0);
}
