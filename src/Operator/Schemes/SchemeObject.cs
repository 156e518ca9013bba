namespace Damon.Operator.Schemes;

/// <summary>A DamonScheme as the API server has it: readable or not.</summary>
public sealed record SchemeObject
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its uid.</summary>
    public required string Uid { get; init; }

    /// <summary>Its resourceVersion.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Its generation.</summary>
    public required long Generation { get; init; }
}
