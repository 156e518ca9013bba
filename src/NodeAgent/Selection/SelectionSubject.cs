using Damon.Api.Schemes;

namespace Damon.NodeAgent.Selection;

/// <summary>A container as selection sees it.</summary>
internal sealed record SelectionSubject
{
    /// <summary>Which one.</summary>
    public required ContainerKey Key { get; init; }

    /// <summary>The labels of its pod's namespace.</summary>
    public required IReadOnlyDictionary<string, string> NamespaceLabels { get; init; }

    /// <summary>The labels of its pod.</summary>
    public required IReadOnlyDictionary<string, string> PodLabels { get; init; }

    /// <summary>The class of its pod.</summary>
    public required QosClass QosClass { get; init; }

    /// <summary>Why nothing may touch it (opt-out, protected namespace, a static pod …); empty where something may. It is looked at last and always wins.</summary>
    public string Denial { get; init; } = "";
}
