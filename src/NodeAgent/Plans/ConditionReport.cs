namespace Damon.NodeAgent.Plans;

/// <summary>A condition of the node as it is right now.</summary>
/// <param name="Type">Ready, Degraded or EmergencyStopped.</param>
/// <param name="IsTrue">Whether it holds; null where that is not known.</param>
/// <param name="Reason">CamelCase and stable, never empty.</param>
/// <param name="Message">The same for people.</param>
internal sealed record ConditionReport(string Type, bool? IsTrue, string Reason, string Message = "");
