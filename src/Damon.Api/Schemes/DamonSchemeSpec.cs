using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>What an admin wants, defaults filled in. What is absent by default stays null, and so do the monitoring intervals, whose defaults depend on the backend.</summary>
public sealed record DamonSchemeSpec
{
    /// <summary>Whether the scheme acts or only counts.</summary>
    public SchemeMode Mode { get; init; } = DamonSchemeDefaults.Mode;

    /// <summary>Whether the scheme is suspended: sensing goes on, nothing is done.</summary>
    public bool Paused { get; init; }

    /// <summary>Which scheme wins where two want the same memory; the higher one. From 0 to 1,000,000.</summary>
    public int Priority { get; init; } = DamonSchemeDefaults.Priority;

    /// <summary>The nodes; null is every node.</summary>
    public LabelSelector? NodeSelector { get; init; }

    /// <summary>The memory on those nodes.</summary>
    public required TargetSpec Target { get; init; }

    /// <summary>What senses the accesses.</summary>
    public BackendKind Backend { get; init; } = DamonSchemeDefaults.Backend;

    /// <summary>How accesses are sensed.</summary>
    public MonitoringSpec Monitoring { get; init; } = new();

    /// <summary>Which memory matches; null is all of it.</summary>
    public PatternSpec? Pattern { get; init; }

    /// <summary>What is done with memory that matches.</summary>
    public required ActionSpec Action { get; init; }

    /// <summary>How often the action is applied, above zero; null is the aggregation interval.</summary>
    public DurationValue? ApplyInterval { get; init; }

    /// <summary>How much may be done.</summary>
    public QuotaSpec Quota { get; init; } = new();

    /// <summary>When the action rests; null is never.</summary>
    public WatermarkSpec? Watermarks { get; init; }

    /// <summary>Which pages are let through; the first filter that matches a page decides. At most 32.</summary>
    public IReadOnlyList<FilterSpec> Filters { get; init; } = [];

    /// <summary>Rails tightened for this scheme.</summary>
    public SafetySpec Safety { get; init; } = new();

    /// <summary>How a change reaches the nodes.</summary>
    public RolloutSpec Rollout { get; init; } = new();

    /// <summary>Time from creation after which the scheme acts as if its mode were Observe, above zero; null is never.</summary>
    public DurationValue? ExpiresAfter { get; init; }

    /// <summary>How often the action is applied under a backend.</summary>
    /// <param name="backend">The backend that senses, not <see cref="BackendKind.Auto"/>.</param>
    /// <returns>The interval as given, or that backend's aggregation interval.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The backend is <see cref="BackendKind.Auto"/>, which has no intervals of its own.</exception>
    public DurationValue EffectiveApplyInterval(BackendKind backend) => ApplyInterval ?? Monitoring.Effective(backend).Aggregation;
}
