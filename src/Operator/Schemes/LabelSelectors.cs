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
            if (!Holds(expression, labels.Find(expression.Key)))
                return false;
        }

        return true;
    }

    private static bool Holds(SelectorExpression expression, string? value) => expression.Operator switch
    {
        SelectorOperator.In => value is not null && expression.Values.Contains(value, StringComparer.Ordinal),
        SelectorOperator.NotIn => value is null || !expression.Values.Contains(value, StringComparer.Ordinal),
        SelectorOperator.Exists => value is not null,
        SelectorOperator.DoesNotExist => value is null,
        _ => false,
    };
}
