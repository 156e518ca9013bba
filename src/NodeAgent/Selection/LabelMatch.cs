using Damon.Api.Schemes;

namespace Damon.NodeAgent.Selection;

/// <summary>Whether labels meet a selector, as Kubernetes has it: all conditions must hold, and a label that is absent is in no set.</summary>
internal static class LabelMatch
{
    /// <summary>Whether labels meet a selector.</summary>
    /// <param name="selector">The selector; null and empty select everything.</param>
    /// <param name="labels">The labels.</param>
    public static bool Holds(LabelSelector? selector, IReadOnlyDictionary<string, string> labels)
    {
        if (selector is null)
        {
            return true;
        }

        // Asked for each container and scheme every other second: an enumerator behind an interface is an object.
        if (selector.MatchLabels.Count > 0)
        {
            foreach (var (name, value) in selector.MatchLabels)
            {
                if (!labels.TryGetValue(name, out var found) || found != value)
                {
                    return false;
                }
            }
        }

        for (var i = 0; i < selector.MatchExpressions.Count; i++)
        {
            if (!selector.MatchExpressions[i].Holds(labels.GetValueOrDefault(selector.MatchExpressions[i].Key)))
            {
                return false;
            }
        }

        return true;
    }
}
