namespace Damon.NodeAgent.Plans;

/// <summary>Why a scheme cannot be carried out.</summary>
/// <param name="Field">Below <c>spec</c>.</param>
/// <param name="Reason">CamelCase and stable.</param>
/// <param name="Why">The same for people.</param>
internal readonly record struct SchemeProblem(string Field, string Reason, string Why);
