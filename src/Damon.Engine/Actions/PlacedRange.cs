using Damon.Engine.Regions;

namespace Damon.Engine.Actions;

/// <summary>A run of pages that are all in memory, on one memory node.</summary>
/// <param name="Range">Where they are.</param>
/// <param name="Node">The memory node's number.</param>
public readonly record struct PlacedRange(AddressRange Range, int Node);
