using Damon.Api.Units;

namespace Damon.Api.Clusters;

/// <summary>Every default of the cluster's configuration; what is not here is absent unless it is given.</summary>
public static class DamonClusterConfigDefaults
{
    /// <summary>Nothing is changed unless an admin asks for it.</summary>
    public const ClusterMode Mode = ClusterMode.Observe;

    /// <summary>The highest priority that users may define for a pod.</summary>
    public const int MaxPodPriority = 1_000_000_000;

    /// <summary>Trips of the refault rail after which a pod is left alone.</summary>
    public const int RefaultTrips = 3;

    /// <summary>Namespaces that are never touched.</summary>
    public static IReadOnlyList<string> ProtectedNamespaces { get; } = ["kube-system"];

    /// <summary>How long a container is left alone after its start.</summary>
    public static DurationValue StartGrace { get; } = DurationValue.Parse("5m");

    /// <summary>How long an agent without the API server goes on acting.</summary>
    public static DurationValue ApiLossGrace { get; } = DurationValue.Parse("1h");

    /// <summary>CPU time of an agent as a share of one core.</summary>
    public static Percent AgentCpu { get; } = Percent.Parse("2%");

    /// <summary>Time for which some task waited for memory, over ten seconds.</summary>
    public static Percent MemoryAvg10 { get; } = Percent.Parse("1%");

    /// <summary>Time for which some task waited for memory, over a minute.</summary>
    public static Percent MemoryAvg60 { get; } = Percent.Parse("0.5%");

    /// <summary>Time for which some task waited for input or output, over ten seconds.</summary>
    public static Percent IoAvg10 { get; } = Percent.Parse("5%");

    /// <summary>Time of calm after pressure.</summary>
    public static DurationValue Calm { get; } = DurationValue.Parse("2m");

    /// <summary>Share of the reclaimed bytes that were needed again.</summary>
    public static Percent RefaultShare { get; } = Percent.Parse("5%");

    /// <summary>Share of the working set brought back in a minute.</summary>
    public static Percent PromotionsPerMinute { get; } = Percent.Parse("0.2%");

    /// <summary>Share of its memory request that a container keeps.</summary>
    public static Percent FloorRequestShare { get; } = Percent.Parse("50%");

    /// <summary>Bytes that a container keeps.</summary>
    public static Quantity FloorSize { get; } = Quantity.Parse("64Mi");

    /// <summary>Share of the swap that stays free.</summary>
    public static Percent MinFreeSwap { get; } = Percent.Parse("20%");

    /// <summary>Bytes per second that others swap out at the most.</summary>
    public static Quantity MaxSwapOutPerSecond { get; } = Quantity.Parse("10Mi");

    /// <summary>Time for which all tasks waited for memory, over ten seconds.</summary>
    public static Percent MemoryFullAvg10 { get; } = Percent.Parse("10%");

    /// <summary>How long an emergency lasts at the least.</summary>
    public static DurationValue CoolDown { get; } = DurationValue.Parse("1h");
}
