namespace Damon.Api.Schemes;

/// <summary>A condition on one label.</summary>
public sealed record SelectorExpression
{
    /// <summary>The label.</summary>
    public required string Key { get; init; }

    /// <summary>How it is compared.</summary>
    public required SelectorOperator Operator { get; init; }

    /// <summary>With what; at least one value for In and NotIn, none otherwise.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}
