using System.Globalization;

namespace Damon.Engine.Host;

/// <summary>
/// Finds processes and their descendants. A snapshot: a process that is forked while /proc is being read may be missed and is found the next time; none is ever
/// reported under a wrong identity, as identity and parent come from one read.
/// </summary>
public static class ProcessTree
{
    /// <summary>The roots that still exist, and everything they started.</summary>
    /// <param name="host">The host.</param>
    /// <param name="roots">Where to start.</param>
    /// <param name="found">Is cleared, then filled, each process once; parents come before their children.</param>
    /// <param name="maxProcesses">Stop there.</param>
    /// <returns>How many were found; an error only where /proc itself cannot be listed.</returns>
    public static HostResult<int> Find(HostRoot host, IReadOnlyCollection<ProcessIdentity> roots, ICollection<ProcessIdentity> found, int maxProcesses = 65_536)
    {
        found.Clear();
        var entries = new List<HostDirectoryEntry>();
        var listed = host.List("/proc", entries);
        if (!listed.IsOk)
        {
            return listed.Error;
        }

        var all = new Dictionary<int, ProcessIdentity>();
        var children = new Dictionary<int, List<int>>();
        var reader = new HostReader(maxBytes: 64 * 1024);
        foreach (var entry in entries)
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || !host.Read($"/proc/{pid}/stat", reader).IsOk
                || !ProcStat.TryParse(reader.Content, out var stat) || stat.Pid != pid || stat.HasEnded)
            {
                continue;
            }

            all[pid] = stat.Identity;
            if (!children.TryGetValue(stat.ParentPid, out var siblings))
            {
                children[stat.ParentPid] = siblings = [];
            }

            siblings.Add(pid);
        }

        // Parents change while /proc is being read (a child of an ended process moves to its subreaper), so loops are conceivable: each pid is taken once.
        var taken = new HashSet<int>();
        var open = new Queue<int>();
        foreach (var root in roots)
        {
            if (all.TryGetValue(root.Pid, out var now) && now == root && taken.Add(root.Pid))
            {
                open.Enqueue(root.Pid);
            }
        }

        while (open.TryDequeue(out var pid) && found.Count < maxProcesses)
        {
            found.Add(all[pid]);
            if (children.TryGetValue(pid, out var started))
            {
                foreach (var child in started)
                {
                    if (taken.Add(child))
                    {
                        open.Enqueue(child);
                    }
                }
            }
        }

        return found.Count;
    }

    /// <summary>Which process has a pid now.</summary>
    /// <param name="host">The host.</param>
    /// <param name="pid">The pid.</param>
    public static HostResult<ProcessIdentity> Identify(HostRoot host, int pid)
    {
        var opened = ProcessWatch.Open(host, pid);
        if (!opened.TryGet(out var watch))
        {
            return opened.Error;
        }

        using (watch)
        {
            return watch.Identity;
        }
    }
}
