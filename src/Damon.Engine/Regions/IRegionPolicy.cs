namespace Damon.Engine.Regions;

/// <summary>Decides how regions follow what was seen: the part of monitoring that learns.</summary>
public interface IRegionPolicy
{
    /// <summary>Ends an aggregation: ages the regions and merges neighbours that are accessed alike.</summary>
    /// <param name="tables">The targets' regions.</param>
    /// <param name="maxSeen">The highest access count of any region.</param>
    /// <param name="maxAccesses">The highest count there can be: sample intervals per aggregation.</param>
    void Merge(IReadOnlyList<RegionTable> tables, uint maxSeen, uint maxAccesses);

    /// <summary>Begins an aggregation: cuts regions, so that the next one may see a difference inside them.</summary>
    /// <param name="tables">The targets' regions, their counts reset.</param>
    void Split(IReadOnlyList<RegionTable> tables);

    /// <summary>Makes regions that were just laid over a new address space fit the limits.</summary>
    /// <param name="tables">The targets' regions.</param>
    void Fit(IReadOnlyList<RegionTable> tables);

    /// <summary>Takes other limits, and makes the regions fit them at once: fewer are allowed from the next look on, not from the next aggregation.</summary>
    /// <param name="limits">The limits from now on.</param>
    /// <param name="tables">The targets' regions, in the middle of an aggregation.</param>
    void ChangeLimits(RegionLimits limits, IReadOnlyList<RegionTable> tables);
}
