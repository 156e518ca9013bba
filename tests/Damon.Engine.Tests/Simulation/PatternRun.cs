using Damon.Engine.Simulation;

namespace Damon.Engine.Tests.Simulation;

/// <summary>How a run over a pattern ended.</summary>
/// <param name="Meter">What was found against the truth.</param>
/// <param name="PredictedBytes">What the scheme counted as out of memory, on average.</param>
/// <param name="FreedBytes">What was out of memory, on average.</param>
/// <param name="MaxProbes">The most probes in one sample interval.</param>
internal sealed record PatternRun(AccuracyMeter Meter, double PredictedBytes, double FreedBytes, int MaxProbes);
