namespace Damon.Patterns;

/// <summary>A named piece of memory.</summary>
/// <param name="Name">Unique within the pattern.</param>
/// <param name="SizeBytes">Size; rounded up to whole pages by whoever makes the memory.</param>
/// <param name="Backing">What is behind the pages.</param>
public sealed record PatternRegion(string Name, ulong SizeBytes, RegionBacking Backing);
