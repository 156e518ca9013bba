using Damon.Api.Manifests;

namespace Damon.Api.Schemes;

/// <summary>The schemes of a file, or what is wrong with it; never both, so that nothing of a file is taken half.</summary>
/// <param name="Schemes">The schemes; empty where there are errors.</param>
/// <param name="Errors">The errors in the order of the file.</param>
public sealed record DamonSchemeReadResult(IReadOnlyList<DamonScheme> Schemes, IReadOnlyList<ManifestError> Errors);
