namespace Damon.NodeAgent.Safety;

/// <summary>What keeps the agent's cost below its ceilings.</summary>
/// <param name="Stretch">All intervals are this many times the configured ones, at least 1.</param>
/// <param name="Shed">Sessions that are not to run, in the order in which they were shed; reported by <see cref="SafetyRail.OwnCost"/>.</param>
internal readonly record struct CostDecision(double Stretch, IReadOnlyList<string> Shed);
