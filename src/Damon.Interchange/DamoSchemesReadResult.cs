using Damon.Api.Manifests;
using Damon.Api.Schemes;

namespace Damon.Interchange;

/// <summary>The schemes of a damo file, or what is wrong with it; never both.</summary>
/// <param name="Schemes">The schemes; empty where there are errors.</param>
/// <param name="Notes">What is not the same as in the file.</param>
/// <param name="Errors">What is wrong with the file, in its order.</param>
public sealed record DamoSchemesReadResult(IReadOnlyList<DamonScheme> Schemes, IReadOnlyList<InterchangeNote> Notes, IReadOnlyList<ManifestError> Errors);
