namespace Damon.Workload.Runs;

/// <summary>One phase, done.</summary>
/// <param name="Phase">Its name.</param>
/// <param name="Occurrence">How many times it ended before, as <see cref="Patterns.PatternClock"/> counts.</param>
/// <param name="From">When its first access could be made.</param>
/// <param name="To">When its last access was made.</param>
/// <param name="WindowOrigin">When its moving windows stood at their regions' start: the phase's planned begin, up to one batch before <paramref name="From"/>.</param>
/// <param name="Accesses">All accesses made.</param>
/// <param name="Regions">What was done to each region, in the pattern's order.</param>
internal sealed record PhaseEnd(string Phase, int Occurrence, RunMoment From, RunMoment To, TimeSpan WindowOrigin, long Accesses, IReadOnlyList<RegionTruth> Regions)
{
    public TimeSpan Duration => To.Elapsed - From.Elapsed;
}
