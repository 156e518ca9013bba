using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>How much a scheme may do.</summary>
public sealed record QuotaSpec
{
    /// <summary>CPU time of actions per interval, above zero; null is no limit.</summary>
    public DurationValue? Time { get; init; }

    /// <summary>Bytes acted on per interval, above zero; null is no limit.</summary>
    public Quantity? Size { get; init; }

    /// <summary>The interval, above zero.</summary>
    public DurationValue Interval { get; init; } = DamonSchemeDefaults.QuotaInterval;

    /// <summary>What comes first when not everything fits.</summary>
    public QuotaWeightsSpec Weights { get; init; } = new();

    /// <summary>What the quota is steered by, at most 4.</summary>
    public IReadOnlyList<GoalSpec> Goals { get; init; } = [];

    /// <summary>How it is steered.</summary>
    public QuotaTuner Tuner { get; init; } = DamonSchemeDefaults.Tuner;

    /// <summary>A limit for each pod; null is none.</summary>
    public PodQuotaSpec? PerPod { get; init; }
}
