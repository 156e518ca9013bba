using Damon.Engine.Host;

namespace Damon.Engine.KernelDamon;

/// <summary>
/// A whole node, of which only the memory of some control groups may be acted on: those at and below the given ones that have none below them, because pages are charged there and the kernel's filter
/// compares for equality. A group at its floor is not among them.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="roots">Control groups, as paths below the root of the v2 hierarchy, such as <c>/kubepods.slice</c>. The root itself is the whole machine and finds nothing.</param>
/// <param name="floorBytes">No group is brought below this, nor below its own memory.min and memory.low, which page-out by DAMON does not heed.</param>
/// <param name="pageBytes">The size of a page.</param>
public sealed class NodeScope(HostRoot host, IReadOnlyList<string> roots, ulong floorBytes, ulong pageBytes) : IKernelScope
{
    private const int MaxDepth = 32;
    private const int MaxVisited = 65_536;

    private readonly HostReader _reader = new(maxBytes: 4096);
    private readonly List<HostDirectoryEntry> _entries = [];

    /// <inheritdoc/>
    public HostResult<KernelScope> Read()
    {
        var memory = PhysicalMemory.Read(host, pageBytes);
        if (!memory.TryGet(out var physical))
        {
            return memory.Error;
        }

        var layout = CgroupLayout.Detect(host);
        if (!layout.MemoryIsV2)
        {
            return new HostError(HostErrorKind.Unsupported, "/sys/fs/cgroup", "memory is not accounted in control groups of version 2, so a group's floor cannot be kept");
        }

        var found = new SortedDictionary<string, EligibleCgroup>(StringComparer.Ordinal);
        foreach (var root in roots)
        {
            Find(layout.MemoryRoot, root.TrimEnd('/'), found);
        }

        return new KernelScope([new KernelTarget(0) { Ranges = physical.Ranges }], [.. found.Values], physical.NodeRanges);
    }

    private void Find(string mount, string root, SortedDictionary<string, EligibleCgroup> found)
    {
        if (root.Length == 0 || root[0] != '/')
        {
            return;
        }

        var open = new Queue<(string Path, int Depth)>();
        open.Enqueue((root, 0));
        for (var visited = 0; visited < MaxVisited && open.TryDequeue(out var cgroup); visited++)
        {
            // A group may vanish between listing and reading: then it is not eligible.
            if (!host.List(mount + cgroup.Path, _entries).IsOk)
            {
                continue;
            }

            var hasChild = false;
            foreach (var entry in _entries)
            {
                if (entry.IsDirectory && cgroup.Depth < MaxDepth && host.Exists($"{mount}{cgroup.Path}/{entry.Name}/memory.current"))
                {
                    hasChild = true;
                    open.Enqueue(($"{cgroup.Path}/{entry.Name}", cgroup.Depth + 1));
                }
            }

            if (!hasChild && HeadroomOf(mount + cgroup.Path) is { } headroom and > 0)
            {
                found[cgroup.Path] = new EligibleCgroup(cgroup.Path, headroom);
            }
        }
    }

    private ulong? HeadroomOf(string directory)
    {
        // What cannot be read cannot be protected: such a group is left alone.
        if (!TryRead(directory + "/memory.current", out var current) || !TryRead(directory + "/memory.min", out var min) || !TryRead(directory + "/memory.low", out var low))
        {
            return null;
        }

        var floor = Math.Max(floorBytes, Math.Max(min, low));
        return current > floor ? current - floor : 0;
    }

    private bool TryRead(string path, out ulong value)
    {
        value = 0;
        return host.Read(path, _reader).IsOk && CgroupValue.TryParse(_reader.Content, out value);
    }
}
