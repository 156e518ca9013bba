namespace Damon.Api.Schemes;

/// <summary>How an expression of a selector compares.</summary>
public enum SelectorOperator
{
    /// <summary>The label has one of the values.</summary>
    In,

    /// <summary>The label has none of the values, or is absent.</summary>
    NotIn,

    /// <summary>The label is there.</summary>
    Exists,

    /// <summary>The label is absent.</summary>
    DoesNotExist,
}
