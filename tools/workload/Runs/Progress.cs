namespace Damon.Workload.Runs;

/// <summary>What was done since the last report of the same phase, or since the phase began.</summary>
/// <param name="Phase">The phase's name.</param>
/// <param name="At">The end of the interval.</param>
/// <param name="Interval">Its length.</param>
/// <param name="Accesses">Accesses made in it.</param>
internal sealed record Progress(string Phase, RunMoment At, TimeSpan Interval, long Accesses);
