using System.Globalization;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Regions;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Standalone;
using Damon.Testing;
using Damon.Testing.KernelDamon;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>
/// A node whose kernel has DAMON's files. Every container has cold memory at physical addresses; what a scheme takes of it is gone, and the container's and its pod's own files say so. Everything else of physical
/// memory is cold, too, and nobody's.
/// </summary>
internal sealed class NodeKernelWorld : IKernelInterface, IAsyncDisposable
{
    public const ulong MiB = 1 << 20;
    public const ulong ContainerBytes = 32 * MiB;
    public const string Cold = """{"mode":"Enforce","action":{"type":"Pageout"},"target":{"kind":"Node"},"quota":{"size":"8Mi"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"20s"}}}""";

    private const ulong FirstAddress = 16 * MiB;
    private const ulong LastAddress = 4096 * MiB;

    private readonly KernelWorker _worker;
    private readonly SharedKernel _shared;
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private KdamondPool? _pool;
    private ulong _nextAddress = FirstAddress;
    private TimeSpan _passed;

    public NodeKernelWorld(FakeKernel? kernel = null, bool hasLedger = true, KernelWorkerOptions? worker = null)
    {
        _worker = new KernelWorker(TimeProvider.System, worker ?? KernelSensing.WorkerOptions);
        var time = new VirtualTime();
        Tree = new FakeDamonTree(kernel ?? FakeKernel.Debian73) { OnApplied = Apply };
        _shared = new SharedKernel(() => this);
        Node = new LoopWorld(clock: new PatientTime(time), hasLedger: hasLedger)
        {
            NodeSensing = () => new KernelSensing(_shared.Of(KernelPlace.Node), _worker),
            Sensing = () => new KernelSensing(_shared.Of(KernelPlace.Pods), _worker),
            Backends = requested => requested switch
            {
                RequestedBackend.Kernel => new(MonitoringBackend.Kernel, "Available", "it is a fake"),
                RequestedBackend.Auto or RequestedBackend.IdlePage => new(MonitoringBackend.IdlePage, "Available", "it is simulated"),
                _ => new(MonitoringBackend.Referenced, "Available", "it is simulated"),
            },
            OnTime = PassTime,
        };
        Node.Host.Write("/proc/uptime", "5000.00 1.00\n").Write("/proc/iomem", $"{FirstAddress:x8}-{LastAddress - 1:x8} : System RAM\n")
            .Write("/proc/zoneinfo", $"Node 0, zone Normal\n  pages free 1000000\n        high 0\n        spanned {(LastAddress - FirstAddress) / 4096}\n  start_pfn: {FirstAddress / 4096}\n");
        Node.PutConfig("Enforce", ",\"nodeTargets\":true");
    }

    public LoopWorld Node { get; }

    public FakeDamonTree Tree { get; }

    /// <summary>The kdamond of the node's schemes.</summary>
    public FakeKdamond Kdamond => Tree.Kdamonds[(int)KernelPlace.Node];

    /// <summary>Senses for pods in the place that is for it; null where nothing does.</summary>
    public SensingKdamond? Pods { get; set; }

    public HostError? TakeError { get; set; }

    public int Taken { get; private set; }

    public int Released { get; private set; }

    /// <summary>Everything that the kernel did: when, what, and to which group.</summary>
    public List<(TimeSpan At, string Action, string Cgroup, ulong Bytes, bool IsAnonymous)> Done { get; } = [];

    /// <summary>A pod of one container, half of whose cold memory is anonymous.</summary>
    public FakePod AddPod(Func<PodRecord, PodRecord>? edit = null, FakeQos qos = FakeQos.Burstable, int containers = 1)
    {
        var pod = Node.AddPod(containers, qos, edit);
        foreach (var container in pod.Containers)
        {
            Own(container.Directory, pod.Directory, ContainerBytes / 2, isAnonymous: true);
            Own(container.Directory, pod.Directory, ContainerBytes / 2, isAnonymous: false);
        }

        Node.Report();
        return pod;
    }

    /// <summary>Gives a group cold memory.</summary>
    public void Own(string directory, string podDirectory, ulong bytes, bool isAnonymous)
    {
        if (!_groups.TryGetValue(directory, out var group))
        {
            group = _groups[directory] = new Group(directory, podDirectory);
        }

        (group.Anonymous, group.File) = isAnonymous ? (group.Anonymous + bytes, group.File) : (group.Anonymous, group.File + bytes);
        Tree.MemoryCgroups.Add(PathOf(directory));
        Tree.PhysicalMemory = [.. Tree.PhysicalMemory, new FakeRegion(_nextAddress, _nextAddress + bytes, 0, 1_000_000) { Cgroup = PathOf(directory), IsAnonymous = isAnonymous }];
        _nextAddress += bytes + MiB;
        Write(group);
    }

    /// <summary>A pod's memory comes back: pages that were taken are read in again.</summary>
    public void Refault(FakePod pod, ulong bytes)
    {
        foreach (var container in pod.Containers)
        {
            _groups[container.Directory].RefaultPages += bytes / 4096;
            Write(_groups[container.Directory]);
        }
    }

    /// <summary>What a pod has lost so far.</summary>
    public ulong GoneBytes(FakePod pod) => Sum(Done.Where(done => pod.Containers.Any(container => PathOf(container.Directory) == done.Cgroup)).Select(done => done.Bytes));

    public ulong SwappedBytes(FakePod pod) => Sum(pod.Containers.Select(container => _groups[container.Directory].Swapped));

    /// <summary>How much memory a pod has in all; the files say so.</summary>
    public void SetCurrent(FakePod pod, ulong bytes)
    {
        foreach (var container in pod.Containers)
        {
            _groups[container.Directory].Other = bytes - _groups[container.Directory].Charged + _groups[container.Directory].Other;
            Write(_groups[container.Directory]);
        }
    }

    /// <summary>The groups that the schemes in force let through now; nothing where the kdamond is off.</summary>
    public IReadOnlySet<string> LetThrough() =>
        Tree.Kdamonds.Count > 0 && Kdamond is { IsRunning: true, Context: { } context }
            ? context.Schemes.Where(scheme => scheme.Inputs.Action != "stat").SelectMany(scheme => scheme.Inputs.Filters).Where(filter => filter.Type == "memcg").Select(filter => filter.CgroupPath).ToHashSet()
            : new HashSet<string>();

    public static string PathOf(string directory) => directory["/sys/fs/cgroup".Length..];

    public static IEnumerable<string> PathsOf(params FakePod[] pods) => pods.SelectMany(pod => pod.Containers).Select(container => PathOf(container.Directory));

    /// <summary>Lets the loop and the kernel run.</summary>
    /// <param name="seconds">For how long.</param>
    /// <param name="look">Looks whenever time has gone on; nothing is done to the kernel meanwhile.</param>
    public void Run(double seconds, Action? look = null)
    {
        Node.OnTime += look;
        Node.Run(TimeSpan.FromSeconds(seconds));
        Node.OnTime -= look;
    }

    /// <summary>Has the kernel answer nothing any more, and lets the loop run until its round is caught in that.</summary>
    public KernelSilence Silence()
    {
        var silence = new KernelSilence(Tree, _worker);
        while (!silence.IsMet)
        {
            Node.Time.Advance(TimeSpan.FromMilliseconds(100));
            Node.Loop.Turn();

            // Time must not go on while the kernel's thread has not come to the round yet: on a busy machine a minute of it would pass before that.
            Node.AwaitKernel(() => silence.IsMet);
        }

        return silence;
    }

    /// <summary>Lets time pass in the kernel alone: the agent is dead.</summary>
    public void RunDead(TimeSpan span)
    {
        for (var until = Node.Now + span; Node.Now < until;)
        {
            Node.Time.Advance(TimeSpan.FromMilliseconds(100));
            PassTime();
        }
    }

    public HostResult<IKdamond> Take() => throw new InvalidOperationException("The agent takes all of its places at once.");

    public HostResult<IReadOnlyList<IKdamond>> Take(int count)
    {
        Taken++;
        if (TakeError is { } error)
        {
            return error;
        }

        _pool = new KdamondPool(Tree, new HostKernelSubjects(Node.Host.Root, CgroupLayout.Detect(Node.Host.Root)), Node.Time, new RandomSource(1), new KernelPatience());
        var opened = _pool.Open(count);
        return opened.IsDone ? _pool.Kdamonds.Select((kdamond, place) => place == (int)KernelPlace.Pods && Pods is { } sensing ? sensing : kdamond).ToList() : new HostError(HostErrorKind.Busy, "kdamonds", opened.Message);
    }

    public KernelOutcome Release()
    {
        Released++;
        return _pool!.Close();
    }

    public async ValueTask DisposeAsync()
    {
        Node.Dispose();
        await _worker.DisposeAsync();
    }

    private static ulong Sum(IEnumerable<ulong> numbers) => numbers.Aggregate(0UL, (sum, number) => sum + number);

    private void PassTime()
    {
        var now = Node.Now;
        Tree.Pass(now - _passed);
        _passed = now;
    }

    private void Apply(string action, FakeRegion part)
    {
        Done.Add((Node.Now, action, part.Cgroup!, part.FilterPassedBytes, part.IsAnonymous));
        if (action != "pageout")
        {
            return;
        }

        var group = _groups["/sys/fs/cgroup" + part.Cgroup];
        (group.Anonymous, group.File, group.Swapped) = part.IsAnonymous
            ? (group.Anonymous - part.SizeBytes, group.File, group.Swapped + part.SizeBytes)
            : (group.Anonymous, group.File - part.SizeBytes, group.Swapped);
        var regions = new List<FakeRegion>();
        foreach (var region in Tree.PhysicalMemory)
        {
            if (region.End <= part.Start || region.Start >= part.End)
            {
                regions.Add(region);
                continue;
            }

            if (region.Start < part.Start)
            {
                regions.Add(region.Within(region.Start, part.Start));
            }

            if (part.End < region.End)
            {
                regions.Add(region.Within(part.End, region.End));
            }
        }

        Tree.PhysicalMemory = regions;
        Write(group);
    }

    private void Write(Group group)
    {
        // What a group's files say is of those below, too.
        foreach (var directory in _groups.Keys.Append(group.Pod).Where(directory => group.Directory == directory || group.Directory.StartsWith(directory + "/", StringComparison.Ordinal)))
        {
            Write(directory, [.. _groups.Values.Where(other => other.Directory == directory || other.Directory.StartsWith(directory + "/", StringComparison.Ordinal))]);
        }
    }

    private void Write(string directory, IReadOnlyList<Group> groups)
    {
        string Total(Func<Group, ulong> of) => Sum(groups.Select(of)).ToString(CultureInfo.InvariantCulture);
        Node.Host.Write(directory + "/memory.current", Total(group => group.Charged) + "\n").Write(directory + "/memory.swap.current", Total(group => group.Swapped) + "\n").Write(
            directory + "/memory.stat",
            $"anon {Total(group => group.Anonymous + group.Other)}\nfile {Total(group => group.File)}\ninactive_file 0\nworkingset_refault_anon {Total(group => group.RefaultPages)}\nworkingset_refault_file 0\n");
    }

    private sealed class Group(string directory, string pod)
    {
        public string Directory => directory;

        public string Pod => pod;

        public ulong Anonymous { get; set; }

        public ulong File { get; set; }

        public ulong Swapped { get; set; }

        /// <summary>Memory that is hot.</summary>
        public ulong Other { get; set; } = 1024 * MiB;

        public ulong RefaultPages { get; set; }

        public ulong Charged => Anonymous + File + Other;
    }
}
