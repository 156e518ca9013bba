namespace Damon.Workload.Runs;

/// <summary>How a pattern is run.</summary>
/// <param name="Duration">How long; nothing for one pass of all phases.</param>
/// <param name="AccessesPerSecond">Upper limit of all accesses together, above 0; nothing for as many as one core makes.</param>
/// <param name="Seed">Seeds all draws: the same seed makes the same accesses in the same order.</param>
/// <param name="ReportEvery">Distance of two progress reports within a phase; above zero.</param>
/// <param name="FlushTlbEvery">Distance of two forced flushes of the processor's translation cache while accesses are made; nothing for none.</param>
internal sealed record WorkloadSettings(TimeSpan? Duration, double? AccessesPerSecond, ulong Seed, TimeSpan ReportEvery, TimeSpan? FlushTlbEvery = null);
