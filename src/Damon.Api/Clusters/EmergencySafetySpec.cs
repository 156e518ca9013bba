using Damon.Api.Units;

namespace Damon.Api.Clusters;

/// <summary>When a pod or the node is stopped at once.</summary>
public sealed record EmergencySafetySpec
{
    /// <summary>All tasks waited for memory, over ten seconds; above 0 %.</summary>
    public Percent MemoryFullAvg10 { get; init; } = DamonClusterConfigDefaults.MemoryFullAvg10;

    /// <summary>How long it stays stopped, above zero.</summary>
    public DurationValue CoolDown { get; init; } = DamonClusterConfigDefaults.CoolDown;
}
