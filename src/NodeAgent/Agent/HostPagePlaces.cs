using Damon.Engine.Actions;
using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.NodeAgent.Agent;

/// <summary>Asks the kernel of this machine. Nothing is held open between two looks: each begins with the process's identity.</summary>
/// <param name="host">The host.</param>
/// <param name="process">Which process it must be.</param>
internal sealed class HostPagePlaces(HostRoot host, ProcessIdentity process) : IPagePlaces
{
    /// <inheritdoc/>
    public HostResult<ulong> Find(IReadOnlyList<AddressRange> ranges, ICollection<PlacedRange> found)
    {
        found.Clear();
        var opened = PagePlaces.Open(host, process);
        if (!opened.TryGet(out var places))
        {
            return opened.Error;
        }

        using (places)
        {
            return places.Find([.. ranges], found);
        }
    }
}
