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

    /// <summary>Whether it holds, as Kubernetes has it: a label that is absent is in no set.</summary>
    /// <param name="value">The label's value; null where it is absent.</param>
    public bool Holds(string? value) => Operator switch
    {
        SelectorOperator.In => value is not null && Values.Contains(value, StringComparer.Ordinal),
        SelectorOperator.NotIn => value is null || !Values.Contains(value, StringComparer.Ordinal),
        SelectorOperator.Exists => value is not null,
        SelectorOperator.DoesNotExist => value is null,
        _ => false,
    };
}
