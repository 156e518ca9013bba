namespace Damon.Workload.Runs;

/// <summary>The run is over.</summary>
/// <param name="At">When.</param>
/// <param name="Interrupted">It was ended from outside, before its time.</param>
/// <param name="Accesses">All accesses made.</param>
internal sealed record RunEnd(RunMoment At, bool Interrupted, long Accesses);
