namespace Damon.NodeAgent.Plans;

/// <summary>Why something that was given was not taken; what was good before stays in force.</summary>
/// <param name="Reason">CamelCase and stable.</param>
/// <param name="Message">The same for people: where, what was found, what is accepted.</param>
internal sealed record PlanProblem(string Reason, string Message);
