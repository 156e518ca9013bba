using System.Text.Json;

namespace Damon.Demo.Events;

/// <summary>The engine's last word.</summary>
/// <param name="Ended">Why it ended.</param>
/// <param name="Scheme">The final counts of the one scheme that the demonstration runs.</param>
/// <param name="CpuShare">Share of one CPU that the engine says it used.</param>
/// <param name="LongestStallMs">The longest time for which it held the process's memory lock.</param>
internal sealed record EngineSummary(string Ended, SchemeCounts Scheme, double CpuShare, double LongestStallMs) : EngineEvent
{
    public static EngineSummary? From(JsonElement json) =>
        json.TryText("ended", out var ended) && SchemeCounts.OfOnlyScheme(json) is { } scheme
        && json.TryObject("engine", out var engine) && engine.TryNumber("cpuShare", out var share) && engine.TryNumber("longestStallMs", out var stall)
            ? new EngineSummary(ended, scheme, share, stall)
            : null;
}
