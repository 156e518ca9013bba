using System.Collections.ObjectModel;
using Damon.Api.Schemes;

namespace Damon.NodeAgent.Pods;

/// <summary>What the agent needs to know of a pod, free of any client's types. Two records are equal only when they hold the very same collections.</summary>
internal sealed record PodRecord
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary>metadata.uid: which pod, for good. For a static pod that of its mirror in the API.</summary>
    public required string Uid { get; init; }

    /// <summary>status.qosClass, which the API server sets and which never changes.</summary>
    public required QosClass QosClass { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    public IReadOnlyDictionary<string, string> NamespaceLabels { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    public string PriorityClassName { get; init; } = "";

    public int Priority { get; init; }

    public PodPhase Phase { get; init; }

    /// <summary>Whether the pod comes from a file on the node and the API shows a mirror of it (annotation kubernetes.io/config.mirror).</summary>
    public bool IsStatic { get; init; }

    /// <summary>The annotation kubernetes.io/config.hash; empty where there is none.</summary>
    public string ConfigHash { get; init; } = "";

    /// <summary>Whether the pod has a deletion timestamp. Its containers still run until they have ended.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>The pod's effective memory request; 0 where there is none.</summary>
    public ulong MemoryRequestBytes { get; init; }

    /// <summary>Its containers of every kind.</summary>
    public IReadOnlyList<ContainerRecord> Containers { get; init; } = [];

    /// <summary>
    /// The uid in the names of the pod's control groups. The kubelet names them by the uid it knows; that of a static pod is one it has made up before any API object existed, and it
    /// writes it into the annotation config.hash (kubelet, config/common.go), whereas the mirror's uid is the API server's.
    /// </summary>
    public string CgroupUid => IsStatic && ConfigHash.Length > 0 ? ConfigHash : Uid;
}
