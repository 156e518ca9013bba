using Damon.Engine.Host;
using Damon.Engine.Schemes;

namespace Damon.Engine.Actions;

/// <summary>
/// Which control groups belong to which of a scheme's filters. A page knows its control group by inode number alone, so the groups at and below each filter's path are
/// listed: a pod's memory is charged to the groups of its containers, which DAMON's own filter, comparing for equality, does not meet.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock by which the list grows old.</param>
internal sealed class CgroupMembership(HostRoot host, TimeProvider time)
{
    /// <summary>A group that was removed meanwhile has no pages; one that was made meanwhile is met as an unknown number, which has the list made anew at once.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private const int MaxDepth = 32;
    private const int MaxCgroups = 65_536;

    private readonly Dictionary<ulong, uint> _filtersOf = [];
    private readonly List<HostDirectoryEntry> _entries = [];
    private readonly Queue<(string Directory, int Depth)> _open = [];
    private PageFilters _filters;
    private long _readAt;
    private bool _isRead;

    /// <summary>Why the last reading failed, for people.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Lists the groups again where the list is too old or that of other filters.</summary>
    /// <param name="filters">The filters.</param>
    public HostErrorKind Refresh(PageFilters filters) =>
        _isRead && _filters == filters && time.GetElapsedTime(_readAt) < MaxAge ? HostErrorKind.None : Read(filters);

    /// <summary>Which filters' groups a group belongs to, a bit for each filter.</summary>
    /// <param name="inode">The group's inode number.</param>
    /// <param name="filters">The answer.</param>
    public HostErrorKind Find(ulong inode, out uint filters)
    {
        if (_filtersOf.TryGetValue(inode, out filters))
        {
            return HostErrorKind.None;
        }

        // It may be new, and below one of the paths: only a list made after it was seen says that it lies elsewhere.
        var read = Read(_filters);
        if (read == HostErrorKind.None && !_filtersOf.TryGetValue(inode, out filters))
        {
            _filtersOf[inode] = filters = 0;
        }

        return read;
    }

    private HostErrorKind Read(PageFilters filters)
    {
        _isRead = false;
        _filters = filters;
        _filtersOf.Clear();
        var root = CgroupLayout.Detect(host).MemoryRoot;
        if (root.Length == 0)
        {
            return Fail(HostErrorKind.Unsupported, "no control groups account memory here, which the filter Cgroup is about");
        }

        for (var i = 0; i < filters.All.Length; i++)
        {
            if (filters.All[i].Type == SchemeFilterType.Cgroup)
            {
                var read = Add(root, filters.All[i], 1u << i);
                if (read != HostErrorKind.None)
                {
                    return read;
                }
            }
        }

        _readAt = time.GetTimestamp();
        _isRead = true;
        LastError = "";
        return HostErrorKind.None;
    }

    private HostErrorKind Add(string root, SchemeFilter filter, uint bit)
    {
        _open.Clear();
        _open.Enqueue(($"{root}/{filter.CgroupPath.Trim('/')}".TrimEnd('/'), 0));
        for (var isTop = true; _open.TryDequeue(out var cgroup); isTop = false)
        {
            var identity = host.Identify(cgroup.Directory);
            if (!identity.IsOk && identity.Error.Kind != HostErrorKind.Vanished)
            {
                return Fail(identity.Error.Kind, identity.Error.ToString());
            }

            if (!identity.IsOk)
            {
                // A group that is gone has no pages, and its former pages look like its parent's. Taking them for pages of no group is safe where that only lets less through.
                if (isTop && filter.Matching != filter.Allow)
                {
                    return Fail(HostErrorKind.Unsupported, $"the control group {filter.CgroupPath}, which the filter Cgroup keeps from being touched, is not there");
                }

                continue;
            }

            if (_filtersOf.Count >= MaxCgroups || cgroup.Depth > MaxDepth)
            {
                return Fail(HostErrorKind.Unsupported, $"{cgroup.Directory} lies too deep, or there are more than {MaxCgroups} control groups: the filter Cgroup cannot be judged");
            }

            _filtersOf[identity.Value.Inode] = _filtersOf.GetValueOrDefault(identity.Value.Inode) | bit;
            var listed = host.List(cgroup.Directory, _entries);
            if (!listed.IsOk && listed.Error.Kind != HostErrorKind.Vanished)
            {
                return Fail(listed.Error.Kind, listed.Error.ToString());
            }

            foreach (var entry in _entries)
            {
                if (entry.IsDirectory)
                {
                    _open.Enqueue(($"{cgroup.Directory}/{entry.Name}", cgroup.Depth + 1));
                }
            }
        }

        return HostErrorKind.None;
    }

    private HostErrorKind Fail(HostErrorKind kind, string reason)
    {
        LastError = reason;
        return kind;
    }
}
