namespace Damon.NodeAgent.Pods;

/// <summary>A running container that is to be found.</summary>
/// <param name="Pod">Its pod.</param>
/// <param name="Container">The container.</param>
/// <param name="Id">Its id, which names its control group.</param>
internal readonly record struct WantedContainer(PodRecord Pod, ContainerRecord Container, RuntimeContainerId Id);
