namespace Damon.Testing.KernelDamon;

/// <summary>A goal of a quota as it is in force.</summary>
/// <param name="Metric">Its word.</param>
/// <param name="Target">What to reach.</param>
/// <param name="Current">What was reached, where the user says so.</param>
public sealed record FakeGoal(string Metric, ulong Target, ulong Current);
