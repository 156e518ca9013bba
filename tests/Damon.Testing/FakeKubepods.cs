using System.Globalization;
using Damon.Engine.Host;

#pragma warning disable RS0030 // The fake is what stands behind HostRoot in tests: it has to move folders of the tree.

namespace Damon.Testing;

/// <summary>
/// The pods of a kubelet on a <see cref="FakeHost"/>: their control groups, named as driver, runtime and cgroup version name them, and processes that start, fork, exec, end and whose pids are used
/// again. Names are put together the way the kubelet does it, from the chain of logical names down, so that they check code that works from the folders up.
/// </summary>
/// <remarks>
/// A group that is removed is moved aside and its files emptied, instead of deleted: an ordinary file system would give its inode to the next folder, which the kernel's never does.
/// </remarks>
public sealed class FakeKubepods
{
    private const string Graveyard = "/graveyard";

    private readonly Dictionary<int, FakeContainer?> _pids = [];
    private readonly string[] _logicalRoot;
    private int _graves;
    private int _nextPid = 1000;
    private ulong _nextStart = 5000;

    /// <summary>A node without pods.</summary>
    /// <param name="host">The host.</param>
    /// <param name="driver">Who names the groups.</param>
    /// <param name="runtime">Who makes the containers.</param>
    /// <param name="version">How control groups are mounted.</param>
    /// <param name="cgroupRoot">The kubelet's --cgroup-root, for example <c>/kubelet</c>.</param>
    /// <param name="nodePath">The group in which the whole node lies, for example <c>/docker/ID</c> where it is itself a container.</param>
    public FakeKubepods(
        FakeHost host,
        FakeCgroupDriver driver = FakeCgroupDriver.Systemd,
        FakeContainerRuntime runtime = FakeContainerRuntime.Containerd,
        CgroupVersion version = CgroupVersion.V2,
        string cgroupRoot = "",
        string nodePath = "")
    {
        Host = host;
        Driver = driver;
        Runtime = runtime;
        Version = version;
        NodePath = nodePath;
        _logicalRoot = [.. cgroupRoot.Split('/', StringSplitOptions.RemoveEmptyEntries), "kubepods"];
        switch (version)
        {
            case CgroupVersion.V2:
                Mount = "/sys/fs/cgroup";
                host.Write(Mount + "/cgroup.controllers", "cpuset cpu io memory hugetlb pids\n").Write(Mount + "/cgroup.procs", "1\n");
                break;
            case CgroupVersion.Hybrid:
                Mount = "/sys/fs/cgroup/memory";
                host.Write("/sys/fs/cgroup/unified/cgroup.controllers", "\n").Write(Mount + "/cgroup.procs", "1\n");
                break;
            default:
                Mount = "/sys/fs/cgroup/memory";
                host.Write(Mount + "/cgroup.procs", "1\n");
                break;
        }

        Root = PathOf([]);
        MakeGroup(Root);
        host.MakeDirectory(Graveyard);
    }

    public FakeHost Host { get; }

    public FakeCgroupDriver Driver { get; }

    public FakeContainerRuntime Runtime { get; }

    public CgroupVersion Version { get; }

    public string NodePath { get; }

    /// <summary>Where the hierarchy of the memory controller is mounted.</summary>
    public string Mount { get; }

    /// <summary>The kubepods group's path.</summary>
    public string Root { get; }

    /// <summary>Gives the pid of a new process; null for ascending ones from 1000 on.</summary>
    public Func<int>? GivePid { get; init; }

    /// <summary>The control group that is the root of the reader's namespace: what is outside reads as <c>/..</c> in /proc/PID/cgroup. Empty: the host's own root.</summary>
    public string ReaderNamespace { get; set; } = "";

    /// <summary>Adds a pod's group.</summary>
    /// <param name="cgroupUid">The uid the kubelet knows it by.</param>
    /// <param name="qos">Its class.</param>
    public FakePod AddPod(string cgroupUid, FakeQos qos = FakeQos.Burstable)
    {
        var pod = "pod" + cgroupUid;
        var path = PathOf(qos switch
        {
            FakeQos.Burstable => ["burstable", pod],
            FakeQos.BestEffort => ["besteffort", pod],
            _ => [pod],
        });
        MakeGroup(path);
        return new FakePod(this, cgroupUid, qos, path);
    }

    /// <summary>The pod that a pid's process is in, if any; for a process in no pod it is added by <see cref="StartOutside"/>.</summary>
    public FakeContainer? OwnerOf(int pid) => _pids.GetValueOrDefault(pid);

    /// <summary>Starts a process in no pod.</summary>
    /// <param name="path">Its control group's path.</param>
    /// <param name="pid">Its pid; 0 for one that was never used.</param>
    public ProcessIdentity StartOutside(string path, int pid = 0) => Start(owner: null, path, pid);

    /// <summary>Ends a process that was started outside.</summary>
    public void EndOutside(int pid) => End(pid);

    /// <summary>The next process has this start time; each one after it a later one.</summary>
    internal ulong TakeStartTime() => _nextStart++;

    internal ProcessIdentity Start(FakeContainer? owner, string path, int pid)
    {
        if (pid == 0 && GivePid is { } give)
        {
            pid = give();
        }

        if (pid == 0)
        {
            while (_pids.ContainsKey(_nextPid))
            {
                _nextPid++;
            }

            pid = _nextPid++;
        }

        _pids.Add(pid, owner);
        var identity = new ProcessIdentity(pid, TakeStartTime());
        WriteProcess(identity, path);
        return identity;
    }

    internal void End(int pid)
    {
        _pids.Remove(pid);
        Host.Remove($"/proc/{pid}");
    }

    /// <summary>Only what finding a process needs: two files, so that thousands are quick.</summary>
    public void WriteProcess(ProcessIdentity identity, string path, char state = 'S', ulong startCode = 0x5600_0000_0000)
    {
        Host.Write($"/proc/{identity.Pid}/stat", FakeProcess.StatText(identity.Pid, "app", state, 1, identity.StartTimeTicks, startCode));
        Host.Write($"/proc/{identity.Pid}/cgroup", CgroupText(path));
    }

    internal void MakeGroup(string path)
    {
        Host.Write($"{Mount}{path}/cgroup.procs", "");
        if (Version == CgroupVersion.V2)
        {
            Host.Write($"{Mount}{path}/cgroup.stat", "nr_descendants 0\nnr_dying_descendants 0\n");
        }
    }

    internal void RemoveGroup(string path)
    {
        var grave = string.Create(CultureInfo.InvariantCulture, $"{Host.Folder}{Graveyard}/{_graves++}");
        Directory.Move(Host.Folder + Mount + path, grave);
        foreach (var file in Directory.EnumerateFiles(grave, "*", SearchOption.AllDirectories))
        {
            File.WriteAllBytes(file, []);
        }
    }

    internal string ContainerName(string id) => (Driver, Runtime) switch
    {
        (FakeCgroupDriver.Systemd, FakeContainerRuntime.Containerd) => $"cri-containerd-{id}.scope",
        (FakeCgroupDriver.Systemd, FakeContainerRuntime.CriO) => $"crio-{id}.scope",
        (FakeCgroupDriver.Systemd, _) => $"docker-{id}.scope",
        (_, FakeContainerRuntime.CriO) => $"crio-{id}",
        _ => id,
    };

    internal string Scheme => Runtime switch
    {
        FakeContainerRuntime.Containerd => "containerd",
        FakeContainerRuntime.CriO => "cri-o",
        _ => "docker",
    };

    private string CgroupText(string path)
    {
        path = FromReader(path);
        return Version switch
        {
            CgroupVersion.V2 => $"0::{path}\n",
            CgroupVersion.Hybrid => $"9:cpu,cpuacct:/\n4:memory:{path}\n1:name=systemd:{path}\n0::/\n",
            _ => $"9:cpu,cpuacct:/\n4:memory:{path}\n1:name=systemd:{path}\n",
        };
    }

    private string FromReader(string path)
    {
        if (ReaderNamespace.Length == 0)
        {
            return path;
        }

        var from = ReaderNamespace.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var to = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var common = 0;
        while (common < from.Length && common < to.Length && from[common] == to[common])
        {
            common++;
        }

        return "/" + string.Join('/', Enumerable.Repeat("..", from.Length - common).Concat(to.Skip(common)));
    }

    /// <summary>The kubelet's way from logical names to a path: systemd's slices repeat the whole chain in each name and have no hyphens in a link of it.</summary>
    private string PathOf(IReadOnlyList<string> below)
    {
        string[] chain = [.. _logicalRoot, .. below];
        if (Driver == FakeCgroupDriver.Cgroupfs)
        {
            return $"{NodePath}/{string.Join('/', chain)}";
        }

        var links = chain.Select(link => link.Replace('-', '_')).ToArray();
        return NodePath + string.Concat(links.Select((_, i) => $"/{string.Join('-', links.Take(i + 1))}.slice"));
    }
}
