using Damon.Api.Schemes;
using Damon.Engine.Host;

namespace Damon.NodeAgent.Pods;

/// <summary>
/// Knows how this node lays out the control groups of its pods, and where a container must therefore be.
/// </summary>
/// <remarks>
/// Driver, --cgroup-root and runtime are chosen once when a node is set up, but nothing on the host says what was chosen, and a node keeps the empty groups of a driver it was moved away from. So what is
/// there is taken: the groups that could be a kubelet's are listed once, and a pod is looked up by computing its path below each of them, the one that had the last pod first.
/// </remarks>
/// <param name="host">The host.</param>
/// <param name="below">The group below which the node's pods are, empty for the top.</param>
internal sealed class ContainerLocator(HostRoot host, string below)
{
    private const int MaxEntries = 4096;

    private readonly CgroupSearch _search = new(host);
    private readonly List<KubepodsRoot> _roots = [];
    private readonly List<HostDirectoryEntry> _entries = [];

    /// <summary>How control groups are mounted, as far as it was looked at.</summary>
    public CgroupLayout Layout { get; private set; } = new(CgroupVersion.None, "", "");

    /// <summary>Where the hierarchy is that tells about memory, or, where none does, the one that at least tells about processes; empty where there is none.</summary>
    public string Mount => Layout.MemoryRoot.Length > 0 ? Layout.MemoryRoot : Layout.UnifiedRoot;

    /// <summary>Whether that hierarchy is of version 2.</summary>
    public bool IsUnified => Mount == Layout.UnifiedRoot;

    /// <summary>The groups in which kubelets keep pods, as far as they are known.</summary>
    public IReadOnlyList<KubepodsRoot> Roots => _roots;

    /// <summary>What other than its absence kept the last container from being located; null where nothing did.</summary>
    public HostError? Trouble { get; private set; }

    /// <summary>Computes where a container should be and looks whether it is there.</summary>
    /// <param name="wanted">The container.</param>
    /// <returns>Null where it is in no known place.</returns>
    public FollowedContainer? TryLocate(WantedContainer wanted)
    {
        Trouble = null;
        if (Mount.Length == 0)
        {
            // How control groups are mounted does not change while a machine runs. While they are not mounted yet it is looked at again.
            Layout = CgroupLayout.Detect(host);
        }

        if (Mount.Length == 0)
        {
            return null;
        }

        if (_roots.Count == 0)
        {
            foreach (var known in KubepodsRoot.WellKnown)
            {
                var root = known with { Path = below + known.Path };
                if (host.Exists(Mount + root.Path))
                {
                    _roots.Add(root);
                }
            }
        }

        for (var i = 0; i < _roots.Count; i++)
        {
            if (TryLocate(wanted, _roots[i]) is { } located)
            {
                // Where this pod was, the next one will be.
                (_roots[0], _roots[i]) = (_roots[i], _roots[0]);
                return located;
            }
        }

        return null;
    }

    /// <summary>Looks through the whole tree.</summary>
    /// <param name="wanted">The containers that are in no known place; see <see cref="TryFound"/>.</param>
    public void Search(WantedContainers wanted)
    {
        Layout = CgroupLayout.Detect(host);
        if (Mount.Length > 0 && _search.Run(Mount, below, wanted).IsOk)
        {
            _roots.Clear();
            _roots.AddRange(_search.Roots);
        }
    }

    /// <summary>Gives a container that the last search has met under its id, wherever it is.</summary>
    /// <param name="wanted">The container.</param>
    public FollowedContainer? TryFound(WantedContainer wanted)
    {
        if (!_search.Found.TryGetValue(wanted.Id.Id, out var path))
        {
            return null;
        }

        var parent = path[..path.LastIndexOf('/')];
        var isPods = CgroupSegment.TryGetPodUid(parent.AsSpan(parent.LastIndexOf('/') + 1), out var uid) && uid == CgroupSegment.Canonical(wanted.Pod.CgroupUid);
        return TryIdentify(wanted, path, isPods ? parent : null);
    }

    private FollowedContainer? TryLocate(WantedContainer wanted, KubepodsRoot root)
    {
        var stated = wanted.Pod.QosClass;
        return TryLocate(wanted, root, stated)
            ?? (stated == QosClass.Burstable ? null : TryLocate(wanted, root, QosClass.Burstable))
            ?? (stated == QosClass.BestEffort ? null : TryLocate(wanted, root, QosClass.BestEffort))
            ?? (stated == QosClass.Guaranteed ? null : TryLocate(wanted, root, QosClass.Guaranteed));
    }

    private FollowedContainer? TryLocate(WantedContainer wanted, KubepodsRoot root, QosClass qosClass)
    {
        var podPath = root.PodPath(qosClass, wanted.Pod.CgroupUid);
        if (root.ContainerName(wanted.Id) is { } name && TryIdentify(wanted, $"{podPath}/{name}", podPath) is { } expected)
        {
            return expected;
        }

        // A runtime of another habit: whatever in the pod's own group bears the container's id.
        var listed = host.List(Mount + podPath, _entries, MaxEntries);
        if (!listed.IsOk)
        {
            Note(listed.Error);
            return null;
        }

        foreach (var entry in _entries)
        {
            if (entry.IsDirectory && CgroupSegment.NamesContainer(entry.Name, wanted.Id.Id) && TryIdentify(wanted, $"{podPath}/{entry.Name}", podPath) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private FollowedContainer? TryIdentify(WantedContainer wanted, string path, string? podPath)
    {
        var identity = host.Identify(Mount + path);
        if (!identity.IsOk)
        {
            Note(identity.Error);
            return null;
        }

        var pod = podPath is null ? default : host.Identify(Mount + podPath);
        return new FollowedContainer(wanted)
        {
            Cgroup = new CgroupIdentity(path, Mount + path, identity.Value, Layout.MemoryIsV2),
            PodCgroup = podPath is not null && pod.IsOk ? new CgroupIdentity(podPath, Mount + podPath, pod.Value, Layout.MemoryIsV2) : null,
        };
    }

    /// <summary>That something is not there is what is expected of most paths that are tried; any other reason is worth telling.</summary>
    private void Note(HostError error)
    {
        if (error.Kind != HostErrorKind.Vanished)
        {
            Trouble = error;
        }
    }
}
