using Damon.Engine.Machine;

namespace Damon.NodeAgent.Standalone;

/// <summary>Which backend a run takes.</summary>
/// <param name="Backend">The backend; null where none may be taken.</param>
/// <param name="Reason">Why, CamelCase and stable.</param>
/// <param name="Message">The same for people, with the remedy.</param>
public readonly record struct BackendDecision(MonitoringBackend? Backend, string Reason, string Message);
