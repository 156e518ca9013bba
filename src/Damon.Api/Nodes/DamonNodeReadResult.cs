using Damon.Api.Manifests;

namespace Damon.Api.Nodes;

/// <summary>A node's plan, or what is wrong with it; never both. What concerns one scheme alone stands with that scheme.</summary>
/// <param name="Node">The plan, or null.</param>
/// <param name="Errors">Why there is none.</param>
public sealed record DamonNodeReadResult(DamonNode? Node, IReadOnlyList<ManifestError> Errors);
