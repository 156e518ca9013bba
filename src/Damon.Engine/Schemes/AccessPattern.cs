namespace Damon.Engine.Schemes;

/// <summary>Which memory a scheme means. All bounds belong to the range; the defaults match everything.</summary>
public sealed record AccessPattern
{
    /// <summary>Smallest region, in bytes.</summary>
    public ulong MinSizeBytes { get; init; }

    /// <summary>Largest region, in bytes.</summary>
    public ulong MaxSizeBytes { get; init; } = ulong.MaxValue;

    /// <summary>Lowest access rate.</summary>
    public AccessRate MinRate { get; init; } = AccessRate.Never;

    /// <summary>Highest access rate.</summary>
    public AccessRate MaxRate { get; init; } = AccessRate.Always;

    /// <summary>For how long the rate has held, at least.</summary>
    public TimeSpan MinAge { get; init; }

    /// <summary>For how long the rate has held, at the most.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.MaxValue;
}
