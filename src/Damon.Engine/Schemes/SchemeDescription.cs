namespace Damon.Engine.Schemes;

/// <summary>A scheme as given to a session: which memory, what to do with it, how much of it.</summary>
/// <param name="Name">Unique within a session.</param>
/// <param name="Action">What to do.</param>
/// <param name="Pattern">Which memory.</param>
public sealed record SchemeDescription(string Name, SchemeAction Action, AccessPattern Pattern)
{
    /// <summary>Whether it acts.</summary>
    public SchemeMode Mode { get; init; } = SchemeMode.Observe;

    /// <summary>How much it may do.</summary>
    public SchemeQuota Quota { get; init; } = new();

    /// <summary>How often it is applied; zero for every aggregation.</summary>
    public TimeSpan ApplyInterval { get; init; }
}
