using Damon.Api.Units;

namespace Damon.Api.Schemes;

/// <summary>How accesses are sensed. The sampling and aggregation intervals and the tuning are null where the user gave none: their defaults differ between backends.</summary>
public sealed record MonitoringSpec
{
    /// <summary>Time between two looks at a region, above zero; null is the backend's default.</summary>
    public DurationValue? SampleInterval { get; init; }

    /// <summary>Time over which the looks are counted, at least the sampling interval; null is the backend's default.</summary>
    public DurationValue? AggregationInterval { get; init; }

    /// <summary>Time between two looks at the address ranges, at least the aggregation interval.</summary>
    public DurationValue UpdateInterval { get; init; } = DamonSchemeDefaults.UpdateInterval;

    /// <summary>How many regions a pod's memory is divided into.</summary>
    public RegionCountSpec Regions { get; init; } = new();

    /// <summary>
    /// How the intervals are found; null where the user gave nothing, not even <c>{}</c>. The sampling and aggregation intervals are then only the start; equal
    /// bounds of the sampling interval hold them still. Null tunes by the defaults with the kernel backend, and does not tune with those of user space.
    /// </summary>
    public AutoTuneSpec? AutoTune { get; init; }

    /// <summary>The intervals in force at the start under a backend: what the user gave, and that backend's defaults for the rest.</summary>
    /// <param name="backend">The backend that senses, not <see cref="BackendKind.Auto"/>.</param>
    /// <returns>The intervals.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The backend is <see cref="BackendKind.Auto"/>, which has no intervals of its own.</exception>
    public MonitoringIntervals Effective(BackendKind backend)
    {
        var (sample, aggregation) = DamonSchemeDefaults.Intervals(backend);
        return new(SampleInterval ?? sample, AggregationInterval ?? aggregation, UpdateInterval);
    }
}
