using Damon.Engine.Host;
using Damon.Engine.Schemes;

namespace Damon.Engine.Actions;

/// <summary>Which memory nodes the machine has, read again when that is older than <see cref="MaxAge"/>: memory behind a CXL link comes and goes.</summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock.</param>
internal sealed class MemoryNodes(HostRoot host, TimeProvider time)
{
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private IReadOnlyList<int> _nodes = [];
    private long? _readAt;

    /// <summary>Looks for a destination that the machine does not have.</summary>
    /// <param name="destinations">Those of weight 0 are not needed.</param>
    /// <param name="known">The nodes that are there, for people.</param>
    /// <returns>The first that is missing; null where there is none, or nothing is known: then the kernel says it.</returns>
    public int? FindMissing(IReadOnlyList<MigrationDestination> destinations, out string known)
    {
        Refresh();
        known = "";
        if (_nodes.Count == 0)
        {
            return null;
        }

        for (var i = 0; i < destinations.Count; i++)
        {
            if (destinations[i].Weight > 0 && !Has(destinations[i].Node))
            {
                known = string.Join(", ", _nodes);
                return destinations[i].Node;
            }
        }

        return null;
    }

    private bool Has(int node)
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            if (_nodes[i] == node)
            {
                return true;
            }
        }

        return false;
    }

    private void Refresh()
    {
        if (_readAt is { } since && time.GetElapsedTime(since) < MaxAge)
        {
            return;
        }

        _readAt = time.GetTimestamp();
        _nodes = Read("has_memory") ?? Read("online") ?? [];
    }

    private IReadOnlyList<int>? Read(string list) =>
        host.ReadText($"/sys/devices/system/node/{list}").TryGet(out var text) && NumberList.TryParse(text, out var nodes) && nodes.Count > 0 ? nodes : null;
}
