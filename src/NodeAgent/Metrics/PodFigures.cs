using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Metrics;

/// <summary>One pod that is watched.</summary>
internal sealed record PodFigures
{
    /// <summary>Its name.</summary>
    public required PodName Pod { get; init; }

    /// <summary>Its uid.</summary>
    public required string Uid { get; init; }

    /// <summary>Containers that are watched.</summary>
    public int Containers { get; init; }

    /// <summary>Address spaces that are watched.</summary>
    public int Targets { get; init; }

    /// <summary>Its memory by how long ago it was accessed.</summary>
    public IdleHistogram Memory { get; init; } = IdleHistogram.Empty;

    /// <summary>What all schemes together did to it, and would have done.</summary>
    public SchemeEffects Effects { get; init; }

    /// <summary>The rail that holds now; null where none does.</summary>
    public SafetyRail? HeldBy { get; init; }
}
