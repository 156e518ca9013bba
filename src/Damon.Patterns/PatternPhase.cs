namespace Damon.Patterns;

/// <summary>A span of time with one way of accessing the memory. A region that no access names is cold in it.</summary>
/// <param name="Name">Unique within the pattern.</param>
/// <param name="Duration">How long it lasts; above zero.</param>
/// <param name="Once">An initialising phase: left out when the phases start again from the beginning. Such phases stand first.</param>
/// <param name="Accesses">The accesses; empty for an idle phase.</param>
public sealed record PatternPhase(string Name, TimeSpan Duration, bool Once, IReadOnlyList<PatternAccess> Accesses);
