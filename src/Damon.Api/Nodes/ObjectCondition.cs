namespace Damon.Api.Nodes;

/// <summary>A condition of an object, as Kubernetes has it.</summary>
public sealed record ObjectCondition
{
    /// <summary>What it is about, at most 64 characters.</summary>
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The generation it is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Since when the status is so.</summary>
    public required DateTimeOffset LastTransitionTime { get; init; }

    /// <summary>Why: CamelCase, stable, at most 64 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>The same for people.</summary>
    public string? Message { get; init; }
}
