namespace Damon.Workload.Runs;

/// <summary>A moment of the run, on two clocks.</summary>
/// <param name="Elapsed">Since the run began.</param>
/// <param name="MonotonicNanoseconds">On CLOCK_MONOTONIC, to align the logs of two processes.</param>
internal readonly record struct RunMoment(TimeSpan Elapsed, long MonotonicNanoseconds);
