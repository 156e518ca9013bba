using Damon.Engine.Host;
using Damon.Engine.Regions;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Says whether a container's pages may go to a memory node: the node is in the container's <c>cpuset.mems.effective</c>, and has memory free above the high watermarks of its zones. And which mappings
/// may not be touched, because their memory policy binds them.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="directory">The container's directory in the v2 hierarchy, as on the host.</param>
/// <param name="rooms">The room on all nodes.</param>
/// <param name="reader">The thread's reader.</param>
/// <param name="time">The clock.</param>
internal sealed class PlacementRail(HostRoot host, string directory, NodeRooms rooms, HostReader reader, TimeProvider time) : IDisposable
{
    private const string Mems = "/cpuset.mems.effective";

    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);

    private readonly List<ulong> _boundStarts = [];
    private KernelText _mems = new(host, directory + Mems, reader);
    private IReadOnlyList<int> _nodes = [];
    private HostErrorKind _memsError;
    private byte[] _memsText = [];

    /// <summary>Of its own: a process with many mappings has megabytes of them, which the reader of small files does not take.</summary>
    private HostReader? _processReader;
    private long? _memsAt;

    /// <summary>Asks before pages are moved, or it is measured how many could be.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="node">The destination.</param>
    /// <param name="roomBytes">How much may be moved there.</param>
    /// <param name="maxAge">How old what is known of the node's free memory may be: nothing before a move, because moves are what changes it.</param>
    public RailState Check(SafetyLimits limits, int node, out ulong roomBytes, TimeSpan maxAge = default)
    {
        roomBytes = 0;
        if (_memsAt is not { } at || time.GetElapsedTime(at) >= ReadEvery)
        {
            _memsAt = time.GetTimestamp();
            _memsError = ReadMems();
        }

        if (_memsError != HostErrorKind.None)
        {
            var state = Unmeasurable.Judge(limits, _mems.Path, _memsError);
            if (state.Rail is not null)
            {
                return state;
            }
        }
        else if (!_nodes.Contains(node))
        {
            return RailState.Held(SafetyRail.Placement, $"node {node} is not in {_mems.Path}");
        }

        var error = rooms.Read(node, maxAge, out roomBytes);
        if (error != HostErrorKind.None)
        {
            var state = Unmeasurable.Judge(limits, rooms.Path, error);
            roomBytes = state.Rail is null ? ulong.MaxValue : 0;
            return state;
        }

        return roomBytes > 0 ? RailState.Clear : RailState.Held(SafetyRail.Placement, $"node {node} has no memory free above its high watermark");
    }

    /// <summary>
    /// Finds the mappings of a process that are bound to nodes; on whatever thread, one call at a time. Reading costs the kernel a walk through all of the process's pages, under its memory lock: once a
    /// minute is enough, and only for moves.
    /// </summary>
    /// <param name="process">Its pid; that it is still the same process is for the caller to know.</param>
    /// <param name="bound">Is cleared, then filled, ascending.</param>
    /// <returns>False where it cannot be known; then nothing of this process may be moved.</returns>
    public bool TryFindBound(int process, AddressRangeList bound)
    {
        bound.Clear();
        _processReader ??= new HostReader();
        using var policies = new KernelText(host, $"/proc/{process}/numa_maps", _processReader);
        if (policies.Read(out var content) != HostErrorKind.None || !NumaMaps.TryCollectBound(content, _boundStarts))
        {
            return false;
        }

        if (_boundStarts.Count == 0)
        {
            return true;
        }

        using var mappings = new KernelText(host, $"/proc/{process}/maps", _processReader);
        if (mappings.Read(out content) != HostErrorKind.None)
        {
            return false;
        }

        var found = 0;
        foreach (var mapping in ProcMaps.Enumerate(content))
        {
            if (_boundStarts.Contains(mapping.Start))
            {
                bound.Add(new AddressRange(mapping.Start, mapping.End));
                found++;
            }
        }

        // A mapping that changed between the two readings may lie anywhere now.
        return found == _boundStarts.Count;
    }

    public void Dispose() => _mems.Dispose();

    private HostErrorKind ReadMems()
    {
        Follow();
        var read = _mems.Read(out var content);
        if (read != HostErrorKind.None || content.SequenceEqual(_memsText))
        {
            return read;
        }

        _memsText = content.ToArray();
        var isList = NumberList.TryParse(System.Text.Encoding.UTF8.GetString(content).TrimEnd('\n'), out _nodes) && _nodes.Count > 0;
        _memsText = isList ? _memsText : [];
        return isList ? HostErrorKind.None : HostErrorKind.Malformed;
    }

    /// <summary>A group without the controller has the nodes of the nearest group above that has it. One that is gone has none.</summary>
    private void Follow()
    {
        var holder = directory;
        while (holder.Length > 0 && !host.Exists(holder + Mems) && host.Exists(directory))
        {
            holder = holder[..holder.LastIndexOf('/')];
        }

        // Where nobody has it, the container's own is the one that is missed.
        holder = holder.Length > 0 ? holder : directory;
        if (_mems.Path != holder + Mems)
        {
            _mems.Dispose();
            _mems = new KernelText(host, holder + Mems, reader);
        }
    }
}
