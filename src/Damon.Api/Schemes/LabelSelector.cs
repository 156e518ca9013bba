using System.Collections.Immutable;

namespace Damon.Api.Schemes;

/// <summary>Selects objects by their labels; an empty selector selects all.</summary>
public sealed record LabelSelector
{
    /// <summary>Labels an object must have, each with that value.</summary>
    public IReadOnlyDictionary<string, string> MatchLabels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Further conditions; all must hold.</summary>
    public IReadOnlyList<SelectorExpression> MatchExpressions { get; init; } = [];

    /// <summary>Whether everything is selected.</summary>
    public bool IsEmpty => MatchLabels.Count == 0 && MatchExpressions.Count == 0;
}
