namespace Damon.Kubernetes.Events;

/// <summary>Something that has happened to an object, told once when it happens and not while it lasts.</summary>
/// <param name="Regarding">The object.</param>
/// <param name="Type">How it is meant.</param>
/// <param name="Reason">Why, in CamelCase; stable, for machines. At most 128 characters.</param>
/// <param name="Action">What was done or not done, in CamelCase. At most 128 characters.</param>
/// <param name="Note">For readers; cut at 1,024 bytes. Not part of what makes two events the same.</param>
public sealed record ObjectEvent(ObjectReference Regarding, EventType Type, string Reason, string Action, string Note);
