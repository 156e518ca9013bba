namespace Damon.NodeAgent.Pods;

/// <summary>A container that was there at the last look.</summary>
/// <param name="Container">As it was.</param>
/// <param name="Reason">Why it is not followed any more.</param>
internal readonly record struct VanishedContainer(ContainerMemory Container, MissingReason Reason);
