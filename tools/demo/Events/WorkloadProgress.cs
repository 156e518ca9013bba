using System.Text.Json;

namespace Damon.Demo.Events;

/// <summary>What the workload got done since its last report.</summary>
/// <param name="Phase">The phase's name.</param>
/// <param name="ToNanoseconds">The moment of the report on CLOCK_MONOTONIC.</param>
/// <param name="Interval">The time it is about.</param>
/// <param name="AccessesPerSecond">Above 0.</param>
internal sealed record WorkloadProgress(string Phase, long ToNanoseconds, TimeSpan Interval, double AccessesPerSecond) : WorkloadEvent
{
    private const double LongestIntervalMs = 3_600_000;

    public static WorkloadProgress? From(JsonElement json) =>
        json.TryText("phase", out var phase)
        && json.TryCount("monotonicNs", out var to) && to <= long.MaxValue
        && json.TryNumber("intervalMs", out var interval) && interval is > 0 and <= LongestIntervalMs
        && json.TryNumber("accessesPerSecond", out var rate) && rate > 0
            ? new WorkloadProgress(phase, (long)to, TimeSpan.FromMilliseconds(interval), rate)
            : null;
}
