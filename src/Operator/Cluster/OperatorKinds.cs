using Damon.Kubernetes.Objects;

namespace Damon.Operator.Cluster;

/// <summary>The kinds that the operator speaks of, beside those that every server has.</summary>
public static class OperatorKinds
{
    /// <summary>The group of the product's own kinds.</summary>
    public const string Group = "damon.dev";

    private const string Version = "v1alpha1";

    /// <summary>What admins want.</summary>
    public static ResourceKind Schemes { get; } = new(Group, Version, "damonschemes", "DamonScheme", IsNamespaced: false);

    /// <summary>One plan for each node.</summary>
    public static ResourceKind Nodes { get; } = new(Group, Version, "damonnodes", "DamonNode", IsNamespaced: false);

    /// <summary>The cluster's configuration.</summary>
    public static ResourceKind Configs { get; } = new(Group, Version, "damonclusterconfigs", "DamonClusterConfig", IsNamespaced: false);

    /// <summary>Definitions of custom resources.</summary>
    public static ResourceKind Definitions { get; } = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", IsNamespaced: false);
}
