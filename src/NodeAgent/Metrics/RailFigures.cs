using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Metrics;

/// <summary>What one safety rail did since the agent started.</summary>
/// <param name="Rail">The rail.</param>
/// <param name="Trips">How often it began to hold.</param>
/// <param name="BackOff">For how long it held, summed over pods.</param>
internal readonly record struct RailFigures(SafetyRail Rail, ulong Trips, TimeSpan BackOff);
