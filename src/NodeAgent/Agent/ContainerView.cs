namespace Damon.NodeAgent.Agent;

/// <summary>A container at one moment.</summary>
internal sealed record ContainerView
{
    public required string PodUid { get; init; }

    public required string Namespace { get; init; }

    public required string Pod { get; init; }

    public required string Name { get; init; }

    public required string RuntimeId { get; init; }

    /// <summary>Names of the schemes that have it.</summary>
    public IReadOnlyList<string> Schemes { get; init; } = [];

    /// <summary>Its processes that were found.</summary>
    public int Processes { get; init; }

    /// <summary>Those of them that are in the session.</summary>
    public int SessionProcesses { get; init; }

    /// <summary>Bytes of address space that the session looks at.</summary>
    public ulong SessionBytes { get; init; }

    /// <summary>memory.current; 0 where it is not known.</summary>
    public ulong ResidentBytes { get; init; }

    /// <summary>Why nothing is done to it now: a rail, a protection, or a failure; empty where something may be.</summary>
    public string HeldBy { get; init; } = "";

    /// <summary>The same for people.</summary>
    public string Message { get; init; } = "";
}
