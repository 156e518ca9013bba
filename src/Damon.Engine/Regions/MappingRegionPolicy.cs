namespace Damon.Engine.Regions;

/// <summary>For probes that see whole mappings only: regions are the mappings; they age, and are neither split nor merged.</summary>
public sealed class MappingRegionPolicy : IRegionPolicy
{
    /// <inheritdoc/>
    public void Merge(IReadOnlyList<RegionTable> tables, uint maxSeen, uint maxAccesses)
    {
        for (var i = 0; i < tables.Count; i++)
        {
            tables[i].Merge(maxSeen / 10, limitBytes: 0, countAges: true);
        }
    }

    /// <inheritdoc/>
    public void Split(IReadOnlyList<RegionTable> tables)
    {
    }

    /// <inheritdoc/>
    public void Fit(IReadOnlyList<RegionTable> tables)
    {
    }

    /// <inheritdoc/>
    public void ChangeLimits(RegionLimits limits, IReadOnlyList<RegionTable> tables)
    {
        // Mappings are as many as they are.
    }
}
