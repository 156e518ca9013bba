using Damon.Api.Schemes;

namespace Damon.NodeAgent.Pods;

/// <summary>
/// The control group below which a kubelet keeps its pods, and with it the names of everything below. The kubelet calls it kubepods, below its --cgroup-root; with systemd's driver each slice's
/// name repeats those above it, so that with --cgroup-root=/kubelet (as kind has it) it is <c>/kubelet.slice/kubelet-kubepods.slice</c> (kubelet, cm/cgroup_manager_linux.go).
/// </summary>
/// <param name="Path">Its path in the hierarchy, for example <c>/kubepods.slice</c>.</param>
/// <param name="Driver">Who names the groups below.</param>
internal readonly record struct KubepodsRoot(string Path, CgroupDriver Driver)
{
    private const string Name = "kubepods";
    private const string Slice = ".slice";

    /// <summary>Where a kubelet with common settings keeps its pods; looked at first, because looking through the whole tree costs more.</summary>
    public static IReadOnlyList<KubepodsRoot> WellKnown { get; } =
    [
        new("/kubepods.slice", CgroupDriver.Systemd),
        new("/kubepods", CgroupDriver.Cgroupfs),
        new("/kubelet.slice/kubelet-kubepods.slice", CgroupDriver.Systemd),
        new("/kubelet/kubepods", CgroupDriver.Cgroupfs),
    ];

    /// <summary>Whether a control group is one, by its name.</summary>
    public static bool TryRecognize(string path, out KubepodsRoot root)
    {
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        if (name.SequenceEqual(Name))
        {
            root = new KubepodsRoot(path, CgroupDriver.Cgroupfs);
            return true;
        }

        if (name.EndsWith(Slice, StringComparison.Ordinal))
        {
            var stem = name[..^Slice.Length];
            if (stem.SequenceEqual(Name) || stem.EndsWith("-" + Name, StringComparison.Ordinal))
            {
                root = new KubepodsRoot(path, CgroupDriver.Systemd);
                return true;
            }
        }

        root = default;
        return false;
    }

    /// <summary>The path of a pod's group. Guaranteed pods have none of a class above them.</summary>
    /// <param name="qosClass">The pod's class.</param>
    /// <param name="cgroupUid">The uid the kubelet names it by.</param>
    public string PodPath(QosClass qosClass, string cgroupUid)
    {
        var level = qosClass switch
        {
            QosClass.Burstable => "burstable",
            QosClass.BestEffort => "besteffort",
            _ => "",
        };
        if (Driver == CgroupDriver.Cgroupfs)
        {
            return level.Length == 0 ? $"{Path}/pod{cgroupUid}" : $"{Path}/{level}/pod{cgroupUid}";
        }

        var stem = Path[(Path.LastIndexOf('/') + 1)..^Slice.Length];
        var uid = cgroupUid.Replace('-', '_');
        return level.Length == 0 ? $"{Path}/{stem}-pod{uid}.slice" : $"{Path}/{stem}-{level}.slice/{stem}-{level}-pod{uid}.slice";
    }

    /// <summary>
    /// The name of a container's group below its pod's (containerd: getCgroupsPath; CRI-O: internal/config/cgmgr; Docker: systemd scopes are docker-ID).
    /// </summary>
    /// <param name="id">The container.</param>
    /// <returns>Null where the runtime's habits are not known.</returns>
    public string? ContainerName(RuntimeContainerId id) => (Driver, id.Runtime) switch
    {
        (CgroupDriver.Systemd, ContainerRuntime.Containerd) => $"cri-containerd-{id.Id}.scope",
        (CgroupDriver.Systemd, ContainerRuntime.CriO) => $"crio-{id.Id}.scope",
        (CgroupDriver.Systemd, ContainerRuntime.Docker) => $"docker-{id.Id}.scope",
        (CgroupDriver.Cgroupfs, ContainerRuntime.CriO) => $"crio-{id.Id}",
        (CgroupDriver.Cgroupfs, ContainerRuntime.Containerd or ContainerRuntime.Docker) => id.Id,
        _ => null,
    };
}
