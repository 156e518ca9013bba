using Damon.Kubernetes.Objects;

namespace Damon.Kubernetes.Requests;

/// <summary>Which objects to list and watch. The server selects: what is left out is never sent.</summary>
/// <param name="Resource">Their kind.</param>
public sealed record ObjectQuery(ResourceKind Resource)
{
    /// <summary>One namespace, or empty for all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>As <c>team=batch,!opt-out</c>, or null.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>As <c>spec.nodeName=worker-1</c>, or null. Custom resources know <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Only metadata is wanted: objects come as PartialObjectMetadata.</summary>
    public bool MetadataOnly { get; init; }
}
