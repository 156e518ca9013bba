namespace Damon.Operator.Cluster;

/// <summary>What is kept of a definition.</summary>
/// <param name="Lacks">What it lacks, for people; null where nothing.</param>
internal sealed record DefinitionState(string? Lacks);
