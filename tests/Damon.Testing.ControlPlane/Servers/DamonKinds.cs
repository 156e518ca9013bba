using Damon.Kubernetes.Objects;

namespace Damon.Testing.ControlPlane.Servers;

/// <summary>The kinds of <c>deploy/crds</c>, and the kind of those files themselves.</summary>
public static class DamonKinds
{
    public static ResourceKind Schemes { get; } = new("damon.dev", "v1alpha1", "damonschemes", "DamonScheme", IsNamespaced: false);

    public static ResourceKind Nodes { get; } = new("damon.dev", "v1alpha1", "damonnodes", "DamonNode", IsNamespaced: false);

    public static ResourceKind Configs { get; } = new("damon.dev", "v1alpha1", "damonclusterconfigs", "DamonClusterConfig", IsNamespaced: false);

    public static ResourceKind Definitions { get; } = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", IsNamespaced: false);

    /// <summary>Those of <c>deploy/crds</c>.</summary>
    public static IReadOnlyList<ResourceKind> All { get; } = [Schemes, Nodes, Configs];
}
