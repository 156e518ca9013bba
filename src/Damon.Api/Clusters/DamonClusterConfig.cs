namespace Damon.Api.Clusters;

/// <summary>The kill switch and the ceilings of a cluster. Kind DamonClusterConfig of damon.dev/v1alpha1, of which there is one, named <c>cluster</c>.</summary>
public sealed record DamonClusterConfig
{
    /// <summary>The object's generation; 0 where it did not come from a server.</summary>
    public long Generation { get; init; }

    /// <summary>What any scheme may do.</summary>
    public required DamonClusterConfigSpec Spec { get; init; }
}
