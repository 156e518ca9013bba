using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>A container whose processes are others than at the last look.</summary>
/// <param name="Container">As it is now.</param>
/// <param name="Added">Processes that are new.</param>
/// <param name="Removed">Processes that have ended, have moved away, or had to be left out. One whose pid another process of the container has now is here, and the other one among the added.</param>
internal readonly record struct ContainerChange(ContainerMemory Container, IReadOnlyList<ProcessIdentity> Added, IReadOnlyList<ProcessIdentity> Removed);
