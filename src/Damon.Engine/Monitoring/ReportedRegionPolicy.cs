using Damon.Engine.Regions;

namespace Damon.Engine.Monitoring;

/// <summary>Regions learn nothing here: at the end of an aggregation they are what somebody else, a recording or the kernel, has found them to be.</summary>
/// <param name="layOut">Makes every table what was found.</param>
internal sealed class ReportedRegionPolicy(Action layOut) : IRegionPolicy
{
    public void Merge(IReadOnlyList<RegionTable> tables, uint maxSeen, uint maxAccesses) => layOut();

    public void Split(IReadOnlyList<RegionTable> tables)
    {
        // The next report brings its own.
    }

    public void Fit(IReadOnlyList<RegionTable> tables)
    {
        // The limits held where the regions were learned.
    }

    /// <inheritdoc/>
    public void ChangeLimits(RegionLimits limits, IReadOnlyList<RegionTable> tables)
    {
        // The regions are those of the report, as many as they are.
    }
}
