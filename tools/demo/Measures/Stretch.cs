namespace Damon.Demo.Measures;

/// <summary>A stretch of the workload's time.</summary>
/// <param name="Span">When it was.</param>
/// <param name="Speed">How fast it was.</param>
/// <param name="WaitedShare">Share of the time for which it was ready to run and had no CPU; not a number where the kernel does not say.</param>
internal readonly record struct Stretch(ClockSpan Span, Throughput Speed, double WaitedShare);
