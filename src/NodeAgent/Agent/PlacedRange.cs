using Damon.Engine.Regions;

namespace Damon.NodeAgent.Agent;

/// <summary>A range all of whose pages that are in memory lie on one node.</summary>
/// <param name="Range">The range.</param>
/// <param name="Node">The memory node.</param>
internal readonly record struct PlacedRange(AddressRange Range, int Node);
