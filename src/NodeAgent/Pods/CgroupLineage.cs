namespace Damon.NodeAgent.Pods;

/// <summary>In whose pod a control group lies, gathered from the root down to it.</summary>
/// <param name="OwnerUid">The outermost pod of this node above it, by the uid of its control groups; null where it is in none.</param>
/// <param name="IsForeign">Whether a pod that is none of this node's is above it, and none of this node's below that one: a node may itself be a container in a pod of another cluster.</param>
internal readonly record struct CgroupLineage(string? OwnerUid, bool IsForeign);
