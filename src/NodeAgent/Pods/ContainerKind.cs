namespace Damon.NodeAgent.Pods;

/// <summary>What part of a pod a container is.</summary>
internal enum ContainerKind
{
    /// <summary>One of spec.containers.</summary>
    App,

    /// <summary>One of spec.initContainers that ends before the next one starts.</summary>
    Init,

    /// <summary>One of spec.initContainers with restartPolicy Always: it runs as long as the pod (a native sidecar).</summary>
    Sidecar,

    /// <summary>One of spec.ephemeralContainers, put into a running pod to look at it.</summary>
    Ephemeral,
}
