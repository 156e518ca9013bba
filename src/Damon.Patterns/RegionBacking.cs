namespace Damon.Patterns;

/// <summary>What is behind a region's pages.</summary>
public enum RegionBacking
{
    /// <summary>Private anonymous memory, as a heap has it.</summary>
    Anonymous,

    /// <summary>A shared mapping of a file on a disk file system, so that clean pages can be given back without swap.</summary>
    File,

    /// <summary>Anonymous memory with huge pages advised.</summary>
    Huge,
}
