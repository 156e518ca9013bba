namespace Damon.Engine.Host;

/// <summary>Finds the processes of a cgroup and of everything below it. A snapshot, as <see cref="ProcessTree"/>.</summary>
public static class CgroupProcesses
{
    private const int MaxDepth = 32;

    /// <summary>The processes in a cgroup and its descendants.</summary>
    /// <param name="host">The host.</param>
    /// <param name="directory">The cgroup's directory on the host, for example <c>/sys/fs/cgroup/kubepods/…</c>; for v1 below <c>/sys/fs/cgroup/memory</c>.</param>
    /// <param name="found">Is cleared, then filled, each process once.</param>
    /// <param name="maxProcesses">Stop there.</param>
    /// <param name="maxCgroups">Look into so many cgroups at most.</param>
    /// <returns>How many were found; <see cref="HostErrorKind.Vanished"/> where the cgroup itself is gone.</returns>
    public static HostResult<int> Find(HostRoot host, string directory, ICollection<ProcessIdentity> found, int maxProcesses = 65_536, int maxCgroups = 4096)
    {
        found.Clear();
        var reader = new HostReader(maxBytes: 16 * 1024 * 1024);
        var statReader = new HostReader(maxBytes: 64 * 1024);
        var entries = new List<HostDirectoryEntry>();
        var seen = new HashSet<int>();
        var open = new Queue<(string Directory, int Depth)>();
        open.Enqueue((directory.TrimEnd('/'), 0));
        for (var visited = 0; visited < maxCgroups && open.TryDequeue(out var cgroup); visited++)
        {
            var read = host.Read(cgroup.Directory + "/cgroup.procs", reader);
            if (!read.IsOk && visited == 0 && read.Error.Kind != HostErrorKind.Unsupported)
            {
                return read.Error;
            }

            // A v2 cgroup of type "threaded" refuses to be read (EOPNOTSUPP); its processes stand in the domain cgroup above it. A child may vanish between listing and reading.
            foreach (var pid in CgroupProcs.Enumerate(read.IsOk ? reader.Content : default))
            {
                // v1 may list a pid twice.
                if (seen.Add(pid) && host.Read($"/proc/{pid}/stat", statReader).IsOk && ProcStat.TryParse(statReader.Content, out var stat) && stat.Pid == pid && !stat.HasEnded)
                {
                    found.Add(stat.Identity);
                    if (found.Count == maxProcesses)
                    {
                        return found.Count;
                    }
                }
            }

            if (cgroup.Depth < MaxDepth && host.List(cgroup.Directory, entries).IsOk)
            {
                foreach (var entry in entries)
                {
                    if (entry.IsDirectory)
                    {
                        open.Enqueue(($"{cgroup.Directory}/{entry.Name}", cgroup.Depth + 1));
                    }
                }
            }
        }

        return found.Count;
    }
}
