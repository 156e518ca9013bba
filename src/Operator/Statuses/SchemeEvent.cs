using Damon.Kubernetes.Events;

namespace Damon.Operator.Statuses;

/// <summary>Something that has happened to a scheme.</summary>
/// <param name="Type">How it is meant.</param>
/// <param name="Reason">CamelCase and stable.</param>
/// <param name="Action">What was done.</param>
/// <param name="Note">For people.</param>
public sealed record SchemeEvent(EventType Type, string Reason, string Action, string Note);
