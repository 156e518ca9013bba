using Damon.Api.Nodes;

namespace Damon.NodeAgent.Selection;

/// <summary>What a scheme is for on this node. Every container it selects is in exactly one of the lists; all are in the order of their keys.</summary>
/// <param name="Candidate">The scheme.</param>
/// <param name="Targets">What it has.</param>
/// <param name="Lost">What it leaves to others.</param>
/// <param name="Denied">What nothing may touch.</param>
internal sealed record SchemeSelection(
    SelectionCandidate Candidate, IReadOnlyList<ContainerKey> Targets, IReadOnlyList<LostContainer> Lost, IReadOnlyList<DeniedContainer> Denied)
{
    /// <summary>The conflicts for the status; null where there are none. The winner is the one that has most of the containers, of equal ones the first by name.</summary>
    public SchemeConflicts? Conflicts => Lost.Count == 0 ? null : new SchemeConflicts
    {
        Containers = Lost.Count,
        Winner = Lost.GroupBy(lost => lost.Winner, StringComparer.Ordinal).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).First().Key,
    };
}
