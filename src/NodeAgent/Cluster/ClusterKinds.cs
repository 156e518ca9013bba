using Damon.Kubernetes.Objects;

namespace Damon.NodeAgent.Cluster;

/// <summary>The product's kinds that an agent speaks of.</summary>
internal static class ClusterKinds
{
    /// <summary>One plan for each node.</summary>
    public static ResourceKind Nodes { get; } = new("damon.dev", "v1alpha1", "damonnodes", "DamonNode", IsNamespaced: false);

    /// <summary>The cluster's configuration.</summary>
    public static ResourceKind Configs { get; } = new("damon.dev", "v1alpha1", "damonclusterconfigs", "DamonClusterConfig", IsNamespaced: false);
}
