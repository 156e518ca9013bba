using Damon.Api.Schemes;
using Damon.Operator.Nodes;

namespace Damon.Operator.Schemes;

/// <summary>Selects nodes by their labels, as Kubernetes does.</summary>
internal static class LabelSelectors
{
    /// <summary>Whether a selector selects a node; no selector selects all.</summary>
    public static bool Selects(this LabelSelector? selector, NodeLabels labels)
    {
        if (selector is null)
            return true;
        foreach (var (name, value) in selector.MatchLabels)
        {
            if (labels.Find(name) != value)
                return false;
        }

        foreach (var expression in selector.MatchExpressions)
        {
            if (!expression.Holds(labels.Find(expression.Key)))
                return false;
        }

        return true;
    }
}
