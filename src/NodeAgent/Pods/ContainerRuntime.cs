namespace Damon.NodeAgent.Pods;

/// <summary>Which runtime made a container: it decides the name of the container's control group.</summary>
internal enum ContainerRuntime
{
    /// <summary>One that is not known here. Its control groups are found by the container's id in their names.</summary>
    Other,

    /// <summary>containerd.</summary>
    Containerd,

    /// <summary>CRI-O.</summary>
    CriO,

    /// <summary>Docker, by way of cri-dockerd.</summary>
    Docker,
}
