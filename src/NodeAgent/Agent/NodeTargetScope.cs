using System.Text;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;

namespace Damon.NodeAgent.Agent;

/// <summary>
/// All of physical memory, of which the schemes may act on that of the containers they were given: on each one's control group and the groups that it has made below, because the kernel's filter means exactly
/// one group. A group whose name is another's by now is not among them, and what was decided too long ago counts for nothing.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock.</param>
/// <param name="pageBytes">The size of a page.</param>
internal sealed class NodeTargetScope(HostRoot host, TimeProvider time, ulong pageBytes) : IKernelScope
{
    /// <summary>Groups of one container; a container may make as many as it likes.</summary>
    private const int MaxGroups = 64;

    /// <summary>A container names its groups and may nest them deep; a file of the kernel's takes a page.</summary>
    private const int MaxPathBytes = 1024;

    /// <summary>The loop decides anew for each round. Where the kernel's thread came to it this late, what the rails answered may not hold any more.</summary>
    private static readonly TimeSpan MostAge = TimeSpan.FromSeconds(5);

    /// <summary>Memory is seldom plugged in, and these files are large.</summary>
    private static readonly TimeSpan MemoryEvery = TimeSpan.FromSeconds(30);

    private readonly HostReader _reader = new(maxBytes: 4096);
    private readonly List<HostDirectoryEntry> _entries = [];
    private readonly HashSet<(string Scheme, string RuntimeId)> _read = [];
    private PhysicalMemory? _memory;
    private long _memoryAt;

    /// <summary>Who may be acted on, from the next look on.</summary>
    public NodeTargets Targets { get; set; } = new(0, new Dictionary<string, IReadOnlyList<NodeTarget>>());

    /// <summary>Leaves the groups below the containers' own out: those that come and go faster than the kernel is told of them would hold up all others.</summary>
    public bool IsShallow { get; set; }

    /// <summary>Whether a container of the last look may not be acted on any more: what was granted then is to be taken back at once.</summary>
    public bool HasShrunk
    {
        get
        {
            var now = IsOld ? [] : Targets.ByScheme.SelectMany(pair => pair.Value.Select(target => (pair.Key, target.RuntimeId))).ToHashSet();
            return !_read.IsSubsetOf(now);
        }
    }

    private bool IsOld => time.GetElapsedTime(Targets.DecidedAt) > MostAge;

    /// <summary>Whose each control group of the last look is, by its path; another look makes another one.</summary>
    public IReadOnlyDictionary<string, NodeTarget> Owners { get; private set; } = new Dictionary<string, NodeTarget>();

    /// <inheritdoc/>
    public HostResult<KernelScope> Read()
    {
        if (_memory is null || time.GetElapsedTime(_memoryAt) >= MemoryEvery)
        {
            var memory = PhysicalMemory.Read(host, pageBytes);
            if (!memory.TryGet(out var physical))
            {
                return memory.Error;
            }

            (_memory, _memoryAt) = (physical, time.GetTimestamp());
        }

        _read.Clear();
        var owners = new Dictionary<string, NodeTarget>(StringComparer.Ordinal);
        var groups = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var byScheme = new Dictionary<string, IReadOnlyList<EligibleCgroup>>(StringComparer.Ordinal);
        foreach (var (scheme, targets) in Targets.ByScheme)
        {
            byScheme[scheme] = IsOld ? [] : Largest(targets.SelectMany(target => Eligible(scheme, target, groups, owners)));
        }

        Owners = owners;

        return new KernelScope([new KernelTarget(0) { Ranges = _memory.Ranges }], [], _memory.NodeRanges) { CgroupsByScheme = byScheme, MostLeavingBytes = Targets.MostLeavingBytes };
    }

    /// <summary>Of more than the kernel is given filters for, those with the most to give; in an order that does not change from look to look.</summary>
    private static List<EligibleCgroup> Largest(IEnumerable<EligibleCgroup> groups)
    {
        var all = groups.ToList();
        if (all.Count > KernelSchemeCompiler.MaxCgroups)
        {
            all = [.. all.OrderByDescending(group => group.HeadroomBytes).ThenBy(group => group.Path, StringComparer.Ordinal).Take(KernelSchemeCompiler.MaxCgroups)];
        }

        all.Sort((left, right) => string.CompareOrdinal(left.Path, right.Path));
        return all;
    }

    private IEnumerable<EligibleCgroup> Eligible(string scheme, NodeTarget target, Dictionary<string, IReadOnlyList<string>> known, Dictionary<string, NodeTarget> owners)
    {
        if (!known.TryGetValue(target.RuntimeId, out var paths))
        {
            known[target.RuntimeId] = paths = FindGroups(target);
        }

        foreach (var path in paths)
        {
            owners[path] = target;
            _read.Add((scheme, target.RuntimeId));
            yield return new EligibleCgroup(path, target.HeadroomBytes, target.Share, target.KeepsAnonymous, IsWithin: path != paths[0]);
        }
    }

    private List<string> FindGroups(NodeTarget target)
    {
        // Names are used again; the inode is not.
        var (path, directory, file, _) = target.Group;
        var found = new List<string>();
        if (!host.Identify(directory).TryGet(out var identity) || identity != file)
        {
            return found;
        }

        found.Add(path);
        if (IsShallow)
        {
            return found;
        }

        var hasGroupsBelow = !host.Read(directory + "/cgroup.stat", _reader).IsOk || !FlatKeyed.TryGet(_reader.Content, "nr_descendants"u8, out var below) || below > 0;
        for (var i = 0; hasGroupsBelow && i < found.Count; i++)
        {
            // A group may vanish between listing and reading: then it has no memory, either.
            var parent = directory + found[i][path.Length..];
            if (!host.List(parent, _entries).IsOk)
            {
                continue;
            }

            foreach (var entry in _entries)
            {
                if (entry.IsDirectory && found.Count < MaxGroups && Encoding.UTF8.GetByteCount(found[i]) + Encoding.UTF8.GetByteCount(entry.Name) < MaxPathBytes && host.Exists($"{parent}/{entry.Name}/memory.current"))
                {
                    found.Add($"{found[i]}/{entry.Name}");
                }
            }
        }

        return found;
    }
}
