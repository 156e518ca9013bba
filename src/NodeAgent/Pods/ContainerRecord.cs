namespace Damon.NodeAgent.Pods;

/// <summary>What the agent needs to know of a container.</summary>
internal sealed record ContainerRecord
{
    /// <summary>Its name, unique in its pod over all kinds.</summary>
    public required string Name { get; init; }

    public ContainerKind Kind { get; init; }

    /// <summary>status.containerID, for example <c>containerd://4f0c…</c>; empty while it has not been started. A container that is started again has another one.</summary>
    public string RuntimeId { get; init; } = "";

    /// <summary>When it was started; null while it does not run.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Whether its state is running, as far as the API knows.</summary>
    public bool Running { get; init; }

    /// <summary>Its memory request; 0 where there is none.</summary>
    public ulong MemoryRequestBytes { get; init; }
}
