using Damon.Api.Clusters;
using Damon.Engine.Machine;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <summary>Turns the cluster's configuration into what the rails take.</summary>
internal static class SafetySettings
{
    /// <summary>The rails' thresholds.</summary>
    public static SafetyLimits LimitsOf(ClusterSafetySpec safety) => SafetyLimits.Default.With(new SafetyAdjustments
    {
        MemorySomeAverage10Percent = safety.Pressure.MemoryAvg10.Share * 100,
        MemorySomeAverage60Percent = safety.Pressure.MemoryAvg60.Share * 100,
        IoSomeAverage10Percent = safety.Pressure.IoAvg10.Share * 100,
        Calm = safety.Pressure.Calm.ToTimeSpan(),
        RefaultPercent = safety.Refaults.Share.Share * 100,
        PromotionPercentPerMinute = safety.Refaults.PromotionsPerMinute.Share * 100,
        RefaultTripsToStop = safety.Refaults.Trips,
        FloorPercentOfRequest = safety.Floors.RequestShare.Share * 100,
        FloorBytes = (ulong)safety.Floors.Size.Bytes,
        SwapFreePercent = safety.Swap.MinFree.Share * 100,
        ForeignSwapOutBytesPerSecond = safety.Swap.MaxOutPerSecond.Bytes,
        StartGrace = safety.StartGrace.ToTimeSpan(),
        MemoryFullAverage10Percent = safety.Emergency.MemoryFullAvg10.Share * 100,
        EmergencyCoolDown = safety.Emergency.CoolDown.ToTimeSpan(),
        PlanMaxAge = safety.ApiLossGrace.ToTimeSpan(),
    }) with
    { AcceptsUnmeasurable = safety.AcceptUnmeasurable };

    /// <summary>Modules of the kernel that may be switched off.</summary>
    public static IReadOnlySet<DamonModule> ModulesOf(DamonClusterConfigSpec spec) => spec.ExclusiveModules.Select(static module => module switch
    {
        KernelModule.Stat => DamonModule.Stat,
        KernelModule.Reclaim => DamonModule.Reclaim,
        _ => DamonModule.LruSort,
    }).ToHashSet();

    /// <summary>Who is never touched.</summary>
    /// <param name="spec">The configuration.</param>
    /// <param name="ownPodUid">The agent's own pod.</param>
    public static ProtectionRules ProtectionOf(DamonClusterConfigSpec spec, string ownPodUid) => new()
    {
        ProtectedNamespaces = spec.ProtectedNamespaces.ToHashSet(StringComparer.Ordinal),
        MaxPriority = spec.Safety.MaxPodPriority,
        RequiresOptIn = spec.OptIn,
        OwnPodUid = ownPodUid,
    };

    /// <summary>A container as protection judges it.</summary>
    public static ProtectionSubject SubjectOf(PodRecord pod, ContainerKind kind) => new()
    {
        Namespace = pod.Namespace,
        PodUid = pod.Uid,
        QosClass = pod.QosClass.ToString(),
        IsStatic = pod.IsStatic,
        Priority = pod.Priority,
        PriorityClassName = pod.PriorityClassName,
        IsInitContainer = kind == ContainerKind.Init,
        Labels = pod.Labels,
        NamespaceLabels = pod.NamespaceLabels,
    };
}
