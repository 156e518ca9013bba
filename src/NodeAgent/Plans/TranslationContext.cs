using Damon.Engine.Machine;

namespace Damon.NodeAgent.Plans;

/// <summary>What of a machine, and of whoever acts there, decides how a scheme is carried out.</summary>
public sealed record TranslationContext
{
    /// <summary>Nothing is known, and what needs to be known is refused.</summary>
    public static TranslationContext Nothing { get; } = new();

    /// <summary>The targets' one control group, as a path below the root of the v2 hierarchy; null where there is none or not just one.</summary>
    public string? Cgroup { get; init; }

    /// <summary>Which memory nodes are fast and which are slow.</summary>
    public MemoryTiers Tiers { get; init; } = MemoryTiers.NotRead;

    /// <summary>Whether calls that the kernel may not come back from are made on threads of their own, as reclaiming from a control group takes.</summary>
    public bool OutlivesStalls { get; init; }
}
