namespace Damon.NodeAgent.Selection;

/// <summary>A container of a pod over all its restarts.</summary>
/// <param name="PodUid">The pod's uid.</param>
/// <param name="Container">The container's name, unique in the pod.</param>
internal readonly record struct ContainerKey(string PodUid, string Container);
