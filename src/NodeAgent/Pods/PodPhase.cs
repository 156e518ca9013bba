namespace Damon.NodeAgent.Pods;

/// <summary>A pod's phase as its status says it.</summary>
internal enum PodPhase
{
    /// <summary>The node has not reported for some time, or the value is not known here.</summary>
    Unknown,

    /// <summary>Accepted; at least one container has not been started yet.</summary>
    Pending,

    /// <summary>Bound to the node, with at least one container started.</summary>
    Running,

    /// <summary>All containers have ended well and will not be started again.</summary>
    Succeeded,

    /// <summary>All containers have ended, at least one of them badly.</summary>
    Failed,
}
