using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>
/// Looks through the control group tree once, from the top down: for groups in which a kubelet keeps its pods, and for groups that bear a wanted container's id wherever they are. Costs one
/// listing per group, so it is for what the known layouts do not explain.
/// </summary>
/// <param name="host">The host.</param>
internal sealed class CgroupSearch(HostRoot host)
{
    /// <summary>A node of 500 pods has some 2,500 groups. A tree that is larger was made so by somebody, and what lies beyond is not worth the time.</summary>
    private const int MaxCgroups = 16_384;

    private const int MaxDepth = 16;

    /// <summary>A listing has some 70 files besides the groups. A container can make any number of groups in its own; that must not hide what lies beside it.</summary>
    private const int MaxEntries = 4096;

    private readonly Queue<(string Path, int Depth, CgroupLineage Lineage)> _open = [];
    private readonly List<HostDirectoryEntry> _entries = [];

    /// <summary>Groups of kubelets, the uppermost first.</summary>
    public List<KubepodsRoot> Roots { get; } = [];

    /// <summary>Groups of wanted containers, by the container's id: the uppermost of each.</summary>
    public Dictionary<string, string> Found { get; } = new(StringComparer.Ordinal);

    /// <summary>Looks.</summary>
    /// <param name="mount">Where the hierarchy is mounted.</param>
    /// <param name="below">The group to begin at, empty for the top.</param>
    /// <param name="wanted">The containers.</param>
    /// <returns>How many groups were looked into; an error where even the first could not be.</returns>
    public HostResult<int> Run(string mount, string below, WantedContainers wanted)
    {
        Roots.Clear();
        Found.Clear();
        _open.Clear();
        _open.Enqueue((below, 0, default));
        var visited = 0;
        for (; visited < MaxCgroups && _open.TryDequeue(out var group); visited++)
        {
            var listed = host.List(mount + group.Path, _entries, MaxEntries);
            if (!listed.IsOk && visited == 0)
            {
                return listed.Error;
            }

            foreach (var entry in _entries)
            {
                if (entry.IsDirectory)
                {
                    Take($"{group.Path}/{entry.Name}", entry.Name, group.Depth, group.Lineage, wanted);
                }
            }
        }

        return visited;
    }

    private void Take(string path, string name, int depth, CgroupLineage lineage, WantedContainers wanted)
    {
        var isContainer = wanted.TryTake(name, ref lineage, out var container) && Found.TryAdd(container.Id.Id, path);

        // Below a pod of this node only that pod's containers are looked for: a kubelet's group in there is not this node's.
        if (lineage.OwnerUid is null && KubepodsRoot.TryRecognize(path, out var root))
        {
            Roots.Add(root);
        }

        if (!isContainer && depth < MaxDepth)
        {
            _open.Enqueue((path, depth + 1, lineage));
        }
    }
}
