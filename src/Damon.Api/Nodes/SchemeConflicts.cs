namespace Damon.Api.Nodes;

/// <summary>Containers of a scheme that are left to others.</summary>
public sealed record SchemeConflicts
{
    /// <summary>How many, above zero.</summary>
    public required int Containers { get; init; }

    /// <summary>The scheme that has most of them.</summary>
    public string? Winner { get; init; }
}
