namespace Damon.Api.Schemes;

/// <summary>What is done with memory that matches.</summary>
public sealed record ActionSpec
{
    /// <summary>The action.</summary>
    public required ActionType Type { get; init; }

    /// <summary>Where pages go: 1 to 16 for MigrateHot and MigrateCold, none for every other action.</summary>
    public IReadOnlyList<DestinationSpec> Destinations { get; init; } = [];
}
