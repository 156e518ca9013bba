namespace Damon.Engine.Schemes;

/// <summary>
/// An <see cref="AccessPattern"/> in counts, for the intervals in force. Minima round up and maxima down, so the counts never match what the
/// pattern does not.
/// </summary>
public readonly record struct PatternThresholds
{
    private PatternThresholds(AccessPattern pattern, uint samples, TimeSpan aggregation)
    {
        MinSizeBytes = pattern.MinSizeBytes;
        MaxSizeBytes = pattern.MaxSizeBytes;
        MinAccesses = pattern.MinRate.CeilingOf(samples);
        MaxAccesses = pattern.MaxRate.FloorOf(samples);
        MinAge = Clamp((pattern.MinAge.Ticks / aggregation.Ticks) + (pattern.MinAge.Ticks % aggregation.Ticks > 0 ? 1 : 0));
        MaxAge = pattern.MaxAge == TimeSpan.MaxValue ? uint.MaxValue : Clamp(pattern.MaxAge.Ticks / aggregation.Ticks);
        IsRepresentable = MinAccesses <= MaxAccesses && (MaxAccesses > 0 || pattern.MaxRate == AccessRate.Never) && MinAge <= MaxAge;
    }

    /// <summary>Smallest region, in bytes.</summary>
    public ulong MinSizeBytes { get; }

    /// <summary>Largest region, in bytes.</summary>
    public ulong MaxSizeBytes { get; }

    /// <summary>Fewest accesses in an aggregation.</summary>
    public uint MinAccesses { get; }

    /// <summary>Most accesses in an aggregation.</summary>
    public uint MaxAccesses { get; }

    /// <summary>Lowest age, in aggregations.</summary>
    public uint MinAge { get; }

    /// <summary>Highest age, in aggregations.</summary>
    public uint MaxAge { get; }

    /// <summary>
    /// Whether the pattern's rates can be told apart with this many samples: an upper bound above zero but below one sample would silently mean
    /// "never accessed", and bounds between two counts, or ages between two aggregations, would match nothing.
    /// </summary>
    public bool IsRepresentable { get; }

    /// <summary>Converts a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="samples">Sample intervals per aggregation, at least 1.</param>
    /// <param name="aggregation">The aggregation interval, above zero.</param>
    public static PatternThresholds For(AccessPattern pattern, uint samples, TimeSpan aggregation) => new(pattern, samples, aggregation);

    /// <summary>Whether a region is in every range.</summary>
    /// <param name="sizeBytes">The region's size.</param>
    /// <param name="accesses">Its access count.</param>
    /// <param name="age">Its age, in aggregations.</param>
    public bool Match(ulong sizeBytes, uint accesses, uint age) =>
        sizeBytes >= MinSizeBytes && sizeBytes <= MaxSizeBytes
        && accesses >= MinAccesses && accesses <= MaxAccesses
        && age >= MinAge && age <= MaxAge;

    private static uint Clamp(long aggregations) => (uint)Math.Clamp(aggregations, 0, uint.MaxValue);
}
