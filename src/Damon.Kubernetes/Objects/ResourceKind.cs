using System.Text;

namespace Damon.Kubernetes.Objects;

/// <summary>A kind of object, and where the API server has it.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Version">As in paths: <c>v1</c>.</param>
/// <param name="Plural">As in paths: <c>pods</c>.</param>
/// <param name="Kind">As in objects: <c>Pod</c>.</param>
/// <param name="IsNamespaced">Whether its objects lie in namespaces.</param>
public sealed record ResourceKind(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    /// <summary>Pods.</summary>
    public static ResourceKind Pods { get; } = new("", "v1", "pods", "Pod", IsNamespaced: true);

    /// <summary>Nodes.</summary>
    public static ResourceKind Nodes { get; } = new("", "v1", "nodes", "Node", IsNamespaced: false);

    /// <summary>Namespaces.</summary>
    public static ResourceKind Namespaces { get; } = new("", "v1", "namespaces", "Namespace", IsNamespaced: false);

    /// <summary>Leases, of leader election.</summary>
    public static ResourceKind Leases { get; } = new("coordination.k8s.io", "v1", "leases", "Lease", IsNamespaced: true);

    /// <summary>Events of the current API.</summary>
    public static ResourceKind Events { get; } = new("events.k8s.io", "v1", "events", "Event", IsNamespaced: true);

    /// <summary>As in objects: <c>apps/v1</c>, or <c>v1</c> for the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The path of all objects, or of those of one namespace, without a leading slash.</summary>
    /// <param name="ns">A namespace, or empty for all.</param>
    public string CollectionPath(string ns)
    {
        var path = new StringBuilder(Group.Length == 0 ? "api/" : "apis/").Append(ApiVersion);
        if (IsNamespaced && ns.Length > 0)
            path.Append("/namespaces/").Append(Uri.EscapeDataString(ns));
        return path.Append('/').Append(Plural).ToString();
    }

    /// <summary>The path of one object, without a leading slash.</summary>
    /// <param name="key">Which one.</param>
    /// <param name="subresource">As <c>status</c>, or null for the object itself.</param>
    /// <exception cref="ArgumentException">The kind has namespaces and the key has none.</exception>
    public string ObjectPath(ObjectKey key, string? subresource = null)
    {
        if (IsNamespaced && key.Namespace.Length == 0)
            throw new ArgumentException($"{Kind} '{key.Name}' needs a namespace.", nameof(key));
        var path = $"{CollectionPath(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }

    /// <inheritdoc/>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}
