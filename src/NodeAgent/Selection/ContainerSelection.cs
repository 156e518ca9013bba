using Damon.Api.Schemes;
using Damon.NodeAgent.Plans;

namespace Damon.NodeAgent.Selection;

/// <summary>
/// Decides which scheme has which container. Conflicts are decided here, where the pods are seen: of the schemes of one class that select a container the one of the best rank has it, and
/// the others leave it alone. A scheme that only observes takes nothing away from one that enforces; it would be counting what the other one does. The result does not depend on the
/// order of what is given.
/// </summary>
internal static class ContainerSelection
{
    /// <summary>Selects.</summary>
    /// <param name="candidates">The schemes that are carried out; those of a whole node select every container of their classes.</param>
    /// <param name="subjects">The node's containers, each key once.</param>
    /// <returns>One for each scheme, best rank first.</returns>
    public static IReadOnlyList<SchemeSelection> Decide(IEnumerable<SelectionCandidate> candidates, IEnumerable<SelectionSubject> subjects)
    {
        var ranked = candidates.Where(candidate => candidate.Planned.Scheme is not null).ToList();
        ranked.Sort((left, right) => PlannedScheme.ByRank(left.Planned, right.Planned));
        var ordered = subjects.OrderBy(subject => subject.Key.PodUid, StringComparer.Ordinal).ThenBy(subject => subject.Key.Container, StringComparer.Ordinal).ToList();
        var selections = ranked.Select(candidate => (Candidate: candidate, Targets: new List<ContainerKey>(), Lost: new List<LostContainer>(), Denied: new List<DeniedContainer>())).ToList();

        var holders = new List<SelectionCandidate>();
        foreach (var subject in ordered)
        {
            holders.Clear();
            foreach (var (candidate, targets, lost, denied) in selections)
            {
                if (!Selects(candidate.Planned.Scheme!.Spec.Target, subject))
                {
                    continue;
                }

                if (subject.Denial.Length > 0)
                {
                    denied.Add(new(subject.Key, subject.Denial));
                }
                else if (WinnerOf(holders, candidate) is { } winner)
                {
                    lost.Add(new(subject.Key, winner.Planned.Name));
                }
                else
                {
                    targets.Add(subject.Key);
                    holders.Add(candidate);
                }
            }
        }

        return [.. selections.Select(selection => new SchemeSelection(selection.Candidate, selection.Targets, selection.Lost, selection.Denied))];
    }

    /// <summary>Whether a target names a container, denials apart.</summary>
    internal static bool Selects(TargetSpec target, SelectionSubject subject) =>
        target.QosClasses.Contains(subject.QosClass)
        && (target.Containers.Count == 0 || target.Containers.Contains(subject.Key.Container, StringComparer.Ordinal))
        && LabelMatch.Holds(target.NamespaceSelector, subject.NamespaceLabels)
        && LabelMatch.Holds(target.PodSelector, subject.PodLabels);

    /// <summary>Asked for each container and scheme every other second: a loop, because a closure for each would be most of what is allocated here.</summary>
    private static SelectionCandidate? WinnerOf(List<SelectionCandidate> holders, SelectionCandidate candidate)
    {
        foreach (var holder in holders)
        {
            if (Beats(holder, candidate))
            {
                return holder;
            }
        }

        return null;
    }

    // The holder is of the better rank.
    private static bool Beats(SelectionCandidate holder, SelectionCandidate candidate)
    {
        var conflictClass = ConflictClasses.Of(candidate.Planned.Scheme!.Spec.Action.Type);
        return conflictClass != ConflictClass.None && conflictClass == ConflictClasses.Of(holder.Planned.Scheme!.Spec.Action.Type) && holder.Mode >= candidate.Mode;
    }
}
