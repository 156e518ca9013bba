using System.Text.Json;

namespace Damon.Demo.Events;

/// <summary>What the engine knows at the end of an aggregation interval.</summary>
/// <param name="ElapsedMs">Since it began.</param>
/// <param name="SampleIntervalMs">The sample interval in force: the engine lengthens it to stay below its ceiling.</param>
/// <param name="Scheme">The counts of the one scheme that the demonstration runs.</param>
internal sealed record EngineAggregation(double ElapsedMs, double SampleIntervalMs, SchemeCounts Scheme) : EngineEvent
{
    public static EngineAggregation? From(JsonElement json) =>
        json.TryNumber("elapsedMs", out var elapsed) && json.TryNumber("sampleIntervalMs", out var sample) && SchemeCounts.OfOnlyScheme(json) is { } scheme
            ? new EngineAggregation(elapsed, sample, scheme)
            : null;
}
