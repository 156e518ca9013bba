using Damon.Kubernetes.Informers;

namespace Damon.Operator.Metrics;

/// <summary>An informer at one moment.</summary>
/// <param name="Resource">What it follows.</param>
/// <param name="Health">How it stands with the server.</param>
/// <param name="Objects">How many objects it has.</param>
internal sealed record InformerFigures(string Resource, InformerHealth Health, int Objects);
