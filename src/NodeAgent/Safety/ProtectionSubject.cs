namespace Damon.NodeAgent.Safety;

/// <summary>What is known of a container and its pod to judge whether it may be touched at all.</summary>
internal sealed record ProtectionSubject
{
    /// <summary>Whether the processes belong to a pod that the API server knows.</summary>
    public bool IsInPod { get; init; } = true;

    public required string Namespace { get; init; }

    public required string PodUid { get; init; }

    /// <summary>Guaranteed, Burstable or BestEffort.</summary>
    public required string QosClass { get; init; }

    /// <summary>Whether the kubelet runs it from a file or is the source of it: a static pod, or the mirror of one.</summary>
    public bool IsStatic { get; init; }

    public int Priority { get; init; }

    public string PriorityClassName { get; init; } = "";

    /// <summary>Whether it is an init container that ends before the pod's containers start; a native sidecar does not.</summary>
    public bool IsInitContainer { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> NamespaceLabels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
