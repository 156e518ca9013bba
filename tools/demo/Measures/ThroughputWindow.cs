namespace Damon.Demo.Measures;

/// <summary>How fast the workload was in a short time.</summary>
/// <param name="FromNanoseconds">Its beginning on CLOCK_MONOTONIC.</param>
/// <param name="ToNanoseconds">Its end.</param>
/// <param name="AccessesPerSecond">The mean over it.</param>
internal readonly record struct ThroughputWindow(long FromNanoseconds, long ToNanoseconds, double AccessesPerSecond);
