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

    /// <summary>Which of the matching memory is let through; the first that is about it decides. At most 32 on pages and 1024 on addresses and targets.</summary>
    public IReadOnlyList<SchemeFilter> Filters { get; init; } = [];

    /// <summary>When it rests; null for never.</summary>
    public SchemeWatermarks? Watermarks { get; init; }
}
