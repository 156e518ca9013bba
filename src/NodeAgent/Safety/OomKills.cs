using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Counts the processes of a control group that were killed for want of memory, by whichever OOM killer: <c>oom_kill</c> of memory.events.
/// </summary>
/// <remarks>
/// memory.events counts the group and all below it, so a pod's file sees its containers' kills, and those of groups that containers make themselves. memory.events.local would see the pod's own group
/// alone, which has no processes. Where the hierarchy is mounted with memory_localevents the first file is as the second; then the containers' files are needed too.
/// </remarks>
internal sealed class OomKills : IDisposable
{
    private readonly HostRoot _host;
    private readonly HostReader _reader;
    private readonly List<Group> _groups = [];

    /// <summary>Reads this group.</summary>
    /// <param name="host">The host.</param>
    /// <param name="directory">The pod's directory, as on the host.</param>
    /// <param name="reader">The thread's reader.</param>
    public OomKills(HostRoot host, string directory, HostReader reader)
    {
        (_host, _reader) = (host, reader);
        Add(directory);
    }

    /// <summary>The file of the last error.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Reads another group too.</summary>
    public void Add(string directory) => _groups.Add(new Group(directory, new KernelText(_host, directory + "/memory.events", _reader)));

    /// <summary>Reads a group no longer.</summary>
    public void Remove(string directory)
    {
        var index = _groups.FindIndex(1, group => group.Directory == directory);
        if (index > 0)
        {
            _groups[index].Events.Dispose();
            _groups.RemoveAt(index);
        }
    }

    /// <summary>Counts the kills since the last call; what was counted before the first one is not ours to judge.</summary>
    /// <param name="killed">How many.</param>
    public HostErrorKind Read(out ulong killed)
    {
        killed = 0;
        foreach (var group in _groups)
        {
            var read = group.Events.Read(out var content);
            if (read == HostErrorKind.Vanished && group != _groups[0])
            {
                // A container that ended between two looks.
                continue;
            }

            ulong count = 0;
            if (read == HostErrorKind.None && !FlatKeyed.TryGet(content, "oom_kill"u8, out count))
            {
                read = HostErrorKind.Malformed;
            }

            if (read != HostErrorKind.None)
            {
                Path = group.Events.Path;
                return read;
            }

            killed += group.Count is { } before && count > before ? count - before : 0;
            group.Count = count;
        }

        return HostErrorKind.None;
    }

    public void Dispose() => _groups.ForEach(group => group.Events.Dispose());

    private sealed class Group(string directory, KernelText events)
    {
        public string Directory => directory;

        public KernelText Events => events;

        public ulong? Count { get; set; }
    }
}
