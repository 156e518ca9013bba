using Damon.Api.Schemes;

namespace Damon.Api.Clusters;

/// <summary>What any scheme of the cluster may do, defaults filled in.</summary>
public sealed record DamonClusterConfigSpec
{
    /// <summary>How far any scheme may go.</summary>
    public ClusterMode Mode { get; init; } = DamonClusterConfigDefaults.Mode;

    /// <summary>The actions that may be enforced, others are only observed; null is all of them, empty is none.</summary>
    public IReadOnlyList<ActionType>? AllowedActions { get; init; }

    /// <summary>Namespaces whose pods are never touched, at most 64.</summary>
    public IReadOnlyList<string> ProtectedNamespaces { get; init; } = DamonClusterConfigDefaults.ProtectedNamespaces;

    /// <summary>Whether only pods are touched that ask for it, or whose namespace does.</summary>
    public bool OptIn { get; init; }

    /// <summary>Whether schemes of whole nodes may do more than count.</summary>
    public bool NodeTargets { get; init; }

    /// <summary>Modules of the kernel that may be switched off.</summary>
    public IReadOnlyList<KernelModule> ExclusiveModules { get; init; } = [];

    /// <summary>What an agent may cost and do at the most.</summary>
    public CeilingsSpec Ceilings { get; init; } = new();

    /// <summary>The thresholds of the rails.</summary>
    public ClusterSafetySpec Safety { get; init; } = new();
}
