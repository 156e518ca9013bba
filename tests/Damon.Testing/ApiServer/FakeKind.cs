using System.Text.Json.Nodes;

namespace Damon.Testing.ApiServer;

/// <summary>A kind that the fake server has.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Version">As <c>v1</c>.</param>
/// <param name="Plural">As in paths.</param>
/// <param name="Kind">As in objects.</param>
/// <param name="IsNamespaced">Whether its objects lie in namespaces.</param>
public sealed record FakeKind(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    /// <summary>Whether status is written apart.</summary>
    public bool HasStatus { get; init; } = true;

    /// <summary>Whether an update without a resource version is taken. Custom resources refuse it.</summary>
    public bool TakesUnconditionalUpdates { get; init; }

    /// <summary>Fields to select by, beside the name and the namespace.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Takes out of an object what the kind's definition does not know, as a definition of an older version does; null for nothing.</summary>
    public Action<JsonObject>? Prune { get; init; }

    /// <summary>Pods.</summary>
    public static FakeKind Pods { get; } = new("", "v1", "pods", "Pod", IsNamespaced: true) { TakesUnconditionalUpdates = true, SelectableFields = ["spec.nodeName", "status.phase"] };

    /// <summary>Leases.</summary>
    public static FakeKind Leases { get; } = new("coordination.k8s.io", "v1", "leases", "Lease", IsNamespaced: true) { HasStatus = false, TakesUnconditionalUpdates = true };

    /// <summary>Events.</summary>
    public static FakeKind Events { get; } = new("events.k8s.io", "v1", "events", "Event", IsNamespaced: true) { HasStatus = false, TakesUnconditionalUpdates = true };

    /// <summary>Nodes. Their status is written with the rest, which is enough for who only reads it.</summary>
    public static FakeKind Nodes { get; } = new("", "v1", "nodes", "Node", IsNamespaced: false) { HasStatus = false, TakesUnconditionalUpdates = true };

    /// <summary>Namespaces.</summary>
    public static FakeKind Namespaces { get; } = new("", "v1", "namespaces", "Namespace", IsNamespaced: false) { TakesUnconditionalUpdates = true };

    /// <summary>Definitions of custom resources, as objects alone: what stands in them changes nothing.</summary>
    public static FakeKind Definitions { get; } = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", IsNamespaced: false) { HasStatus = false };

    /// <summary>The product's schemes.</summary>
    public static FakeKind DamonSchemes { get; } = new("damon.dev", "v1alpha1", "damonschemes", "DamonScheme", IsNamespaced: false);

    /// <summary>The product's plans.</summary>
    public static FakeKind DamonNodes { get; } = new("damon.dev", "v1alpha1", "damonnodes", "DamonNode", IsNamespaced: false);

    /// <summary>The product's configuration.</summary>
    public static FakeKind DamonClusterConfigs { get; } = new("damon.dev", "v1alpha1", "damonclusterconfigs", "DamonClusterConfig", IsNamespaced: false) { HasStatus = false };

    /// <summary>As in objects.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The path of all of them, without a leading slash.</summary>
    public string Root => Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";

    internal JsonObject Pruned(JsonObject body)
    {
        var pruned = FakeJson.Clone(body);
        Prune?.Invoke(pruned);
        return pruned;
    }
}
