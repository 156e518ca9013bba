using Damon.Api.Units;

namespace Damon.Api.Clusters;

/// <summary>What a container always keeps in memory; the larger one counts.</summary>
public sealed record FloorSafetySpec
{
    /// <summary>Share of its memory request; zero is allowed.</summary>
    public Percent RequestShare { get; init; } = DamonClusterConfigDefaults.FloorRequestShare;

    /// <summary>Bytes; zero is allowed.</summary>
    public Quantity Size { get; init; } = DamonClusterConfigDefaults.FloorSize;
}
