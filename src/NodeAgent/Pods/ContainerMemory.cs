using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>A container found on the host: whose memory it is, and where.</summary>
/// <param name="PodUid">The pod's uid in the API.</param>
/// <param name="PodNamespace">The pod's namespace.</param>
/// <param name="PodName">The pod's name.</param>
/// <param name="Name">The container's name in its pod.</param>
/// <param name="Kind">What part of the pod it is.</param>
/// <param name="RuntimeId">status.containerID: which container, for good. One that was started again is another container.</param>
/// <param name="Cgroup">Its control group; null where the host shows its processes but not their group.</param>
/// <param name="PodCgroup">The control group of its pod; null where it is not known.</param>
/// <param name="Processes">The processes in its group and in all groups below, by ascending pid; those that have ended and wait for their parent are not among them.</param>
/// <param name="ProcessesLeftOut">How many more were seen but not looked at, because there are too many in the container or on the node.</param>
/// <param name="ProcessesUnseen">How many more there are that this agent cannot see at all, because it does not run in the host's pid namespace.</param>
internal sealed record ContainerMemory(
    string PodUid,
    string PodNamespace,
    string PodName,
    string Name,
    ContainerKind Kind,
    string RuntimeId,
    CgroupIdentity? Cgroup,
    CgroupIdentity? PodCgroup,
    IReadOnlyList<ProcessIdentity> Processes,
    int ProcessesLeftOut,
    int ProcessesUnseen);
