namespace Damon.Workload.Memory;

/// <summary>How the regions of a pattern lie beside each other.</summary>
internal enum RegionLayout
{
    /// <summary>Each in a mapping of its own, with inaccessible pages around it.</summary>
    Apart,

    /// <summary>All in one mapping, without gaps, in the pattern's order.</summary>
    Adjacent,
}
