namespace Damon.Engine.Host;

/// <summary>How cgroups are mounted on a host, as far as memory is concerned.</summary>
/// <param name="Version">Which version.</param>
/// <param name="MemoryRoot">Where the hierarchy that accounts memory is mounted; empty where there is none.</param>
/// <param name="UnifiedRoot">Where the v2 hierarchy is mounted; empty where there is none.</param>
public readonly record struct CgroupLayout(CgroupVersion Version, string MemoryRoot, string UnifiedRoot)
{
    private const string Mount = "/sys/fs/cgroup";

    /// <summary>Whether memory is accounted in the v2 hierarchy, which the safety rails need.</summary>
    public bool MemoryIsV2 => MemoryRoot.Length > 0 && MemoryRoot == UnifiedRoot;

    /// <summary>Looks which files are there.</summary>
    /// <param name="host">The host.</param>
    public static CgroupLayout Detect(HostRoot host)
    {
        if (HasMemory(host, Mount, out var isUnified))
        {
            return new CgroupLayout(CgroupVersion.V2, Mount, Mount);
        }

        if (isUnified)
        {
            return new CgroupLayout(CgroupVersion.V2, "", Mount);
        }

        const string Unified = Mount + "/unified";
        const string V1Memory = Mount + "/memory";
        var memoryInUnified = HasMemory(host, Unified, out isUnified);
        var hasV1Memory = host.Exists(V1Memory + "/cgroup.procs");
        return (isUnified, hasV1Memory) switch
        {
            (true, _) => new CgroupLayout(CgroupVersion.Hybrid, memoryInUnified ? Unified : hasV1Memory ? V1Memory : "", Unified),
            (false, true) => new CgroupLayout(CgroupVersion.V1, V1Memory, ""),
            _ => new CgroupLayout(CgroupVersion.None, "", ""),
        };
    }

    /// <summary>The path of a control group of the v2 hierarchy below its root.</summary>
    /// <param name="directory">Its directory on the host, for example <c>/sys/fs/cgroup/app</c>.</param>
    /// <param name="path">For example <c>/app</c>; the root itself is <c>/</c>.</param>
    /// <returns>False where there is no such hierarchy or the directory is not in it.</returns>
    public bool TryGetPath(string directory, out string path)
    {
        path = "";
        directory = directory.TrimEnd('/');
        if (string.IsNullOrEmpty(UnifiedRoot) || !directory.StartsWith(UnifiedRoot, StringComparison.Ordinal) || (directory.Length > UnifiedRoot.Length && directory[UnifiedRoot.Length] != '/'))
        {
            return false;
        }

        path = directory.Length == UnifiedRoot.Length ? "/" : directory[UnifiedRoot.Length..];
        return true;
    }

    private static bool HasMemory(HostRoot host, string root, out bool isUnified)
    {
        var controllers = host.ReadText(root + "/cgroup.controllers");
        isUnified = controllers.IsOk;
        return isUnified && controllers.Value.Split(' ').Contains("memory");
    }
}
