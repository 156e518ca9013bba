using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>
/// Reads the pids of a control group and of all groups below it, since a container may make some of its own. Unlike <see cref="CgroupProcesses"/> it reuses its buffers, because it is asked for
/// every container at every look, and says what it had to leave out.
/// </summary>
/// <param name="host">The host.</param>
internal sealed class CgroupMembers(HostRoot host)
{
    private const int MaxPids = 65_536;
    private const int MaxCgroups = 1024;
    private const int MaxDepth = 16;
    private const int MaxEntries = 4096;

    /// <summary>Some 140,000 pids in one group. A longer list is an error: the buffer stays as large as the largest list was.</summary>
    private readonly HostReader _procs = new(maxBytes: 1024 * 1024);

    private readonly HostReader _stat = new(maxBytes: 4096);
    private readonly Queue<(string Directory, int Depth)> _open = [];
    private readonly List<HostDirectoryEntry> _entries = [];
    private readonly HashSet<int> _seen = [];

    /// <summary>Processes that are there but have no pid in this agent's pid namespace.</summary>
    public int Unseen { get; private set; }

    /// <summary>Processes that were not read, at least.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Reads.</summary>
    /// <param name="directory">The group's directory.</param>
    /// <param name="pids">Is cleared, then filled, each pid once.</param>
    /// <returns>How many there are; an error where the group itself cannot be read.</returns>
    public HostResult<int> Read(string directory, List<int> pids)
    {
        pids.Clear();
        _seen.Clear();
        _open.Clear();
        Unseen = LeftOut = 0;
        var top = host.Read(directory + "/cgroup.procs", _procs);

        // A threaded group refuses to be read (EOPNOTSUPP): its processes stand in the domain group above it.
        if (!top.IsOk && top.Error.Kind != HostErrorKind.Unsupported)
        {
            return top.Error;
        }

        Take(pids);
        if (HasGroupsBelow(directory))
        {
            Enqueue(directory, 0);
        }

        for (var visited = 0; _open.TryDequeue(out var group); visited++)
        {
            if (visited >= MaxCgroups)
            {
                LeftOut += 1 + _open.Count;
                break;
            }

            var read = host.Read(group.Directory + "/cgroup.procs", _procs);
            if (read.IsOk)
            {
                Take(pids);
            }
            else if (read.Error.Kind is not (HostErrorKind.Vanished or HostErrorKind.Unsupported))
            {
                LeftOut++;
            }

            if (group.Depth < MaxDepth)
            {
                Enqueue(group.Directory, group.Depth);
            }
        }

        return pids.Count;
    }

    /// <summary>Most containers make no groups, and v2 says so in one short file (cgroup.stat, nr_descendants), which saves listing some seventy files.</summary>
    private bool HasGroupsBelow(string directory) =>
        !host.Read(directory + "/cgroup.stat", _stat).IsOk || !FlatKeyed.TryGet(_stat.Content, "nr_descendants"u8, out var below) || below > 0;

    private void Enqueue(string directory, int depth)
    {
        if (!host.List(directory, _entries, MaxEntries).IsOk)
        {
            return;
        }

        foreach (var entry in _entries)
        {
            if (entry.IsDirectory)
            {
                _open.Enqueue(($"{directory}/{entry.Name}", depth + 1));
            }
        }
    }

    private void Take(List<int> pids)
    {
        var all = CgroupProcs.Enumerate(_procs.Content);
        while (all.MoveNext())
        {
            // v1 may list a pid twice.
            if (!_seen.Add(all.Current))
            {
                continue;
            }

            if (pids.Count < MaxPids)
            {
                pids.Add(all.Current);
            }
            else
            {
                LeftOut++;
            }
        }

        Unseen += all.Unusable;
    }
}
