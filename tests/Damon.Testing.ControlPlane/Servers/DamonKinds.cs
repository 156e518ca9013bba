using Damon.Kubernetes.Objects;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>The kinds of <c>deploy/crds</c>.</summary>
public static class DamonKinds
{
    public static ResourceKind Schemes { get; } = new("damon.dev", "v1alpha1", "damonschemes", "DamonScheme", IsNamespaced: false);

    public static ResourceKind Nodes { get; } = new("damon.dev", "v1alpha1", "damonnodes", "DamonNode", IsNamespaced: false);

    public static ResourceKind Configs { get; } = new("damon.dev", "v1alpha1", "damonclusterconfigs", "DamonClusterConfig", IsNamespaced: false);

    public static IReadOnlyList<ResourceKind> All { get; } = [Schemes, Nodes, Configs];
}
