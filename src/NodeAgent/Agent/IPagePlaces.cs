using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.NodeAgent.Agent;

/// <summary>Says on which memory nodes pages lie, for moves that are to be put back.</summary>
internal interface IPagePlaces
{
    /// <summary>Divides a range by the nodes that its pages lie on; pages that are not in memory belong to the part before them.</summary>
    HostResult<IReadOnlyList<PlacedRange>> Find(AddressRange range);
}
