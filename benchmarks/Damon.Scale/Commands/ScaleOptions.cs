namespace Damon.Scale.Commands;

/// <summary>How large a run is.</summary>
internal sealed record ScaleOptions
{
    public const int MostNodes = 20_000;
    public const int MostSchemes = 16;

    /// <summary>Nodes, each with an agent's pod and a plan.</summary>
    public int Nodes { get; init; } = 5000;

    /// <summary>Schemes, which all select all nodes.</summary>
    public int Schemes { get; init; } = 10;

    /// <summary>Whether a current server of custom resources is to serve our kinds where the API server is an old one.</summary>
    public bool WantsCurrentDefinitions { get; init; } = true;

    /// <summary>For how long nothing happens at all.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For how long nothing happens but that figures get old.</summary>
    public TimeSpan Steady { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long the canary is watched.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of chance in waits.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Which commit is measured, for the report.</summary>
    public string Commit { get; init; } = "unknown";
}
