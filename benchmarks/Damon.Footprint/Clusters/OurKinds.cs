using Damon.Kubernetes.Objects;

namespace Damon.Footprint.Clusters;

/// <summary>The kinds that an agent reads and writes.</summary>
internal static class OurKinds
{
    public static readonly ResourceKind Nodes = new("damon.dev", "v1alpha1", "damonnodes", "DamonNode", IsNamespaced: false);

    public static readonly ResourceKind Configs = new("damon.dev", "v1alpha1", "damonclusterconfigs", "DamonClusterConfig", IsNamespaced: false);
}
