namespace Damon.NodeAgent.Pods;

/// <summary>A container of the node's pods that was not found.</summary>
/// <param name="PodUid">The pod's uid in the API.</param>
/// <param name="Name">The container's name in its pod.</param>
/// <param name="RuntimeId">status.containerID; empty where it has none.</param>
/// <param name="Reason">To decide by.</param>
/// <param name="Text">For people.</param>
internal readonly record struct MissingContainer(string PodUid, string Name, string RuntimeId, MissingReason Reason, string Text);
