using Damon.Api.Manifests;

namespace Damon.Patterns;

/// <summary>The pattern of a file, or what is wrong with it; never both.</summary>
/// <param name="Pattern">The pattern, or null where there are errors.</param>
/// <param name="Errors">The errors in the order of the file.</param>
public sealed record WorkloadPatternReadResult(WorkloadPattern? Pattern, IReadOnlyList<ManifestError> Errors);
