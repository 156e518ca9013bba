using Damon.Api.Units;

namespace Damon.Api.Clusters;

/// <summary>Memory that was taken and needed again, above which a pod's budget is halved. Shares are above 0 %.</summary>
public sealed record RefaultSafetySpec
{
    /// <summary>Share of the reclaimed bytes that were needed again within ten minutes.</summary>
    public Percent Share { get; init; } = DamonClusterConfigDefaults.RefaultShare;

    /// <summary>Share of the working set that is brought back in a minute.</summary>
    public Percent PromotionsPerMinute { get; init; } = DamonClusterConfigDefaults.PromotionsPerMinute;

    /// <summary>After so many trips a pod is left alone; from 1 to 100.</summary>
    public int Trips { get; init; } = DamonClusterConfigDefaults.RefaultTrips;
}
