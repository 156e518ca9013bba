using System.Globalization;
using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>
/// Asks every process in which container it is. The last resort: where the control group tree is not mounted below the host's root, or only a part of it, /proc still tells. The paths in it are
/// relative to the reader's own control group namespace (<c>/../../kubepods-….slice/…</c>), so they say whose they are but not where.
/// </summary>
/// <param name="host">The host.</param>
internal sealed class ProcCgroupScan(HostRoot host)
{
    private const int MaxProcesses = 65_536;

    private readonly HostReader _reader = new(maxBytes: 64 * 1024);
    private readonly List<HostDirectoryEntry> _entries = [];

    /// <summary>Pids in each wanted container, by the container's id.</summary>
    public Dictionary<string, List<int>> Found { get; } = new(StringComparer.Ordinal);

    /// <summary>Looks.</summary>
    /// <param name="unified">Whether v2's path counts, otherwise that of v1's memory hierarchy.</param>
    /// <param name="wanted">The containers.</param>
    /// <returns>How many processes were asked; an error only where /proc cannot be listed.</returns>
    public HostResult<int> Run(bool unified, WantedContainers wanted)
    {
        Found.Clear();
        var listed = host.List("/proc", _entries);
        if (!listed.IsOk)
        {
            return listed.Error;
        }

        var asked = 0;
        foreach (var entry in _entries)
        {
            if (asked >= MaxProcesses)
            {
                break;
            }

            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid <= 0)
            {
                continue;
            }

            asked++;
            if (TryReadPath(pid, unified, out var path) && TryAttribute(path, wanted, out var container))
            {
                if (!Found.TryGetValue(container.Id.Id, out var pids))
                {
                    Found[container.Id.Id] = pids = [];
                }

                pids.Add(pid);
            }
        }

        return asked;
    }

    /// <summary>Whether a process is in a container now.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="unified">Whether v2's path counts.</param>
    /// <param name="containerId">The container.</param>
    public bool IsIn(int pid, bool unified, string containerId)
    {
        if (!TryReadPath(pid, unified, out var path))
        {
            return false;
        }

        foreach (var segment in path.AsSpan().Split('/'))
        {
            if (CgroupSegment.NamesContainer(path.AsSpan()[segment], containerId))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryAttribute(string path, WantedContainers wanted, out WantedContainer container)
    {
        var lineage = default(CgroupLineage);
        foreach (var segment in path.AsSpan().Split('/'))
        {
            if (wanted.TryTake(path.AsSpan()[segment], ref lineage, out container))
            {
                return true;
            }
        }

        container = default;
        return false;
    }

    private bool TryReadPath(int pid, bool unified, out string path)
    {
        path = "";
        if (!host.Read($"/proc/{pid}/cgroup", _reader).IsOk)
        {
            return false;
        }

        var cgroup = ProcCgroup.Parse(_reader.Content);
        path = (unified ? cgroup.UnifiedPath ?? cgroup.MemoryPath : cgroup.MemoryPath ?? cgroup.UnifiedPath) ?? "";
        return path.Length > 1;
    }
}
