using Damon.Engine.Regions;

namespace Damon.Engine.Tests.Monitoring;

/// <summary>Cuts the memory into equal parts once and joins again what a budget has cut.</summary>
internal sealed class FixedRegionPolicy(ulong regionBytes) : IRegionPolicy
{
    public void ChangeLimits(RegionLimits limits, IReadOnlyList<RegionTable> tables)
    {
    }

    public void Merge(IReadOnlyList<RegionTable> tables, uint maxSeen, uint maxAccesses)
    {
        foreach (var table in tables)
        {
            table.Merge(uint.MaxValue, ulong.MaxValue, countAges: false);
            table.CutAbove(regionBytes);
        }
    }

    public void Split(IReadOnlyList<RegionTable> tables)
    {
    }

    public void Fit(IReadOnlyList<RegionTable> tables)
    {
        foreach (var table in tables)
        {
            table.CutAbove(regionBytes);
        }
    }
}
