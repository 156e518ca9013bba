namespace Damon.Api.Manifests;

/// <summary>The documents of a file, or what is wrong with it; never both.</summary>
/// <param name="Documents">The documents that hold anything; empty where there are errors.</param>
/// <param name="Errors">The errors in the order of the file.</param>
public sealed record ManifestReadResult(IReadOnlyList<ManifestNode> Documents, IReadOnlyList<ManifestError> Errors);
