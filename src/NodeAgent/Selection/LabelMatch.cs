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

        foreach (var (name, value) in selector.MatchLabels)
        {
            if (!labels.TryGetValue(name, out var found) || found != value)
            {
                return false;
            }
        }

        foreach (var expression in selector.MatchExpressions)
        {
            if (!expression.Holds(labels.GetValueOrDefault(expression.Key)))
            {
                return false;
            }
        }

        return true;
    }
}
