using Damon.Engine.Schemes;

namespace Damon.Engine.KernelDamon;

/// <summary>One scheme of a context. Its place in the context is its identity for the kernel: statistics and what is charged belong to the place.</summary>
/// <param name="Action">What the kernel does; <see cref="SchemeAction.Stat"/> only counts. <see cref="SchemeAction.Reclaim"/> is no action of DAMON.</param>
/// <param name="Pattern">With which regions.</param>
public sealed record KernelScheme(SchemeAction Action, KernelPattern Pattern)
{
    /// <summary>A scheme that does nothing and matches nothing: what stands in a place that is not used any more.</summary>
    public static KernelScheme Inert { get; } = new(SchemeAction.Stat, KernelPattern.Nothing);

    /// <summary>How often; zero for every aggregation.</summary>
    public TimeSpan ApplyInterval { get; init; }

    /// <summary>Its budget; null for none.</summary>
    public SchemeQuota? Quota { get; init; }

    /// <summary>When it rests; null for never.</summary>
    public SchemeWatermarks? Watermarks { get; init; }

    /// <summary>In the order in which they are asked. Control groups are exact ones here, not with those below them; targets are places in the context.</summary>
    public IReadOnlyList<SchemeFilter> Filters { get; init; } = [];

    /// <summary>Where memory is moved to.</summary>
    public IReadOnlyList<MigrationDestination> Destinations { get; init; } = [];

    /// <summary>After how many passes, since the scheme began, it ends by itself; 0 for never. Only where <see cref="KernelFeatures.HasSnapshotLimit"/>.</summary>
    public ulong MaxSnapshots { get; init; }

    /// <inheritdoc/>
    public bool Equals(KernelScheme? other) =>
        other is not null && Action == other.Action && Pattern == other.Pattern && ApplyInterval == other.ApplyInterval && Equals(Quota, other.Quota)
        && Equals(Watermarks, other.Watermarks) && MaxSnapshots == other.MaxSnapshots && Filters.SequenceEqual(other.Filters) && Destinations.SequenceEqual(other.Destinations);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Action, Pattern, ApplyInterval, Quota, MaxSnapshots, Filters.Count, Destinations.Count);
}
