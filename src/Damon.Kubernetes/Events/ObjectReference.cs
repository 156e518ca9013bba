using Damon.Kubernetes.Objects;

namespace Damon.Kubernetes.Events;

/// <summary>The object that an event is about.</summary>
/// <param name="Resource">Its kind.</param>
/// <param name="Key">Which one.</param>
/// <param name="Uid">Its identity: an event is not of a later object of the same name.</param>
public sealed record ObjectReference(ResourceKind Resource, ObjectKey Key, string Uid);
