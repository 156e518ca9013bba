using Damon.Patterns;

namespace Damon.Workload.Runs;

/// <summary>What was done to one region in one phase.</summary>
/// <param name="Region">The region's name.</param>
/// <param name="Accesses">Accesses made.</param>
/// <param name="Pages">All pages of the region.</param>
/// <param name="AccessedPages">Pages that at least one access went to.</param>
/// <param name="Windows">The windows the phase has on the region; none where all of it is accessed.</param>
internal sealed record RegionTruth(string Region, long Accesses, ulong Pages, ulong AccessedPages, IReadOnlyList<AccessWindow> Windows)
{
    public bool Accessed => Accesses > 0;

    /// <summary>From 0 to 1.</summary>
    public double ShareOfPagesAccessed => (double)AccessedPages / Pages;

    /// <summary>The mean over the accessed pages; 0 for a region without accesses.</summary>
    public double AccessesPerPagePerSecond(TimeSpan duration) =>
        AccessedPages == 0 || duration <= TimeSpan.Zero ? 0 : Accesses / (double)AccessedPages / duration.TotalSeconds;
}
