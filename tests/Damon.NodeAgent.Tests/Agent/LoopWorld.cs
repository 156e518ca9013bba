using Damon.Api.Nodes;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Ledger;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Standalone;
using Damon.NodeAgent.Tests.Ledger;
using Damon.NodeAgent.Tests.Plans;
using Damon.NodeAgent.Tests.Pods;
using Damon.NodeAgent.Tests.Safety;
using Damon.Testing;

namespace Damon.NodeAgent.Tests.Agent;

/// <summary>A node with pods on a fake host, the loop over it in virtual time, and a record of everything that is done to any process.</summary>
internal sealed class LoopWorld : INodeBackends, ITargetFactory, IChangeUndo, IAgentLog, IDisposable
{
    public const string Cold = """{"mode":"Enforce","action":{"type":"Pageout"},"target":{"podSelector":{},"all":true},"quota":{"size":"8Mi"},"pattern":{"accessRate":{"max":"0%"},"age":{"min":"20s"}}}""";
    public const ulong Bytes = 8 << 20;

    /// <summary>The agent's. Not this process's own: that is now and then one of the fake ones'.</summary>
    public const int OwnPid = 999;

    private readonly Dictionary<string, PodRecord> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<PodRecord, PodRecord>> _edits = new(StringComparer.Ordinal);
    private readonly List<FakePod> _pods = [];
    private int _next = 1;

    public LoopWorld(bool guardsAgainstStalls = false, TimeProvider? clock = null, bool hasLedger = true, double? cpuCeiling = null, ILedgerDisk? disk = null)
    {
        Host.Write("/proc/pressure/memory", RailPod.Pressure()).Write("/proc/meminfo", RailPod.Meminfo(1000, 1000)).Write("/proc/vmstat", RailPod.Vmstat(0))
            .Write("/proc/1/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw,memory_localevents 0 0\n").Write("/proc/sys/kernel/osrelease", "6.12.1\n")
            .Write("/sys/devices/system/node/online", "0-1\n").Write("/sys/devices/system/node/has_memory", "0-1\n").Write("/sys/devices/system/node/has_cpu", "0\n")
            .Write("/sys/fs/cgroup/memory.reclaim", "").Write("/sys/fs/cgroup/cpuset.mems.effective", "0-1\n").Write("/proc/zoneinfo", Zones(1 << 20));
        Node = new FakeKubepods(Host);
        Facts = MachineFacts.Read(Host.Root) with { Capabilities = (ProcessCapabilities)ulong.MaxValue, PageSizeBytes = 4096 };
        Time = (clock as PatientTime)?.Time ?? new VirtualTime();
        Clock = clock ?? Time;
        Ledger = hasLedger ? ChangeLedger.Open(disk ?? new FakeLedgerDisk(new CrashPoint(), length => length), Clock, "boot").Value : null;
        Loop = new NodeLoop(
            Host.Root,
            Clock,
            new NodeLoopOptions { NodeName = "n1", OwnPid = OwnPid, GuardsAgainstStalls = guardsAgainstStalls, OwnCpu = () => OwnCpu, CostClock = guardsAgainstStalls ? null : Clock, CpuCeiling = cpuCeiling },
            Inbox,
            this,
            this,
            Ledger,
            this);
        PutConfig("Enforce");
    }

    public FakeHost Host { get; } = new();

    public VirtualTime Time { get; }

    public TimeProvider Clock { get; }

    public FakeKubepods Node { get; }

    public AgentInbox Inbox { get; } = new();

    public NodeLoop Loop { get; }

    public ChangeLedger? Ledger { get; }

    public MachineFacts Facts { get; set; }

    public TimeSpan OwnCpu { get; set; }

    /// <summary>What was really done, in order.</summary>
    public List<(TimeSpan At, ProcessIdentity Process, FakeContainer? Owner, MemoryAction Action)> Done { get; } = [];

    /// <summary>The group that each process's actor was given to reclaim from.</summary>
    public Dictionary<ProcessIdentity, Func<ControlGroup?>> ReclaimsFrom { get; } = [];

    /// <summary>What must never happen, as it happened.</summary>
    public List<string> Violations { get; } = [];

    public List<LedgerChange> Undone { get; } = [];

    public List<string> Unexpected { get; } = [];

    public List<string> Told { get; } = [];

    public int Opened { get; private set; }

    public int Closed { get; set; }

    /// <summary>What comes before each action; for calls that stall, throw or fail.</summary>
    public Action<ProcessIdentity>? OnApply { get; set; }

    /// <summary>What an action does to a process's ranges; by default nothing, and all of it is told as done.</summary>
    public Func<ProcessIdentity, MemoryAction, AddressRange[], ActionResult>? Acts { get; set; }

    /// <summary>What actors say went wrong last.</summary>
    public string Refusal { get; set; } = "";

    /// <summary>What putting a change back comes to.</summary>
    public Func<LedgerChange, UndoOutcome> Undoes { get; set; } = _ => UndoOutcome.Undone;

    /// <summary>Runs in each look at a process's memory.</summary>
    public Action<ProcessIdentity>? OnLook { get; set; }

    /// <summary>Runs in each call that may wait in the kernel, with the call's name; for calls that stall.</summary>
    public Action<ProcessIdentity, string>? OnCall { get; set; }

    public Func<ProcessIdentity, HostError?> OpenError { get; set; } = _ => null;

    /// <summary>All pages lie on node 0, unless told otherwise.</summary>
    public Func<ProcessIdentity, IPagePlaces?> PlacesOf { get; set; } = _ => new FakePlaces();

    public Func<RequestedBackend, BackendDecision> Backends { get; set; } = requested =>
        requested is RequestedBackend.Auto or RequestedBackend.IdlePage ? new(MonitoringBackend.IdlePage, "Available", "it is simulated") : new(null, "Busy", $"{requested} is another's");

    /// <summary>Where the kernel senses; needs <see cref="PatientTime"/> as the clock.</summary>
    public Func<KernelSensing> Sensing { get; set; } = () => throw new InvalidOperationException("No kernel senses here.");

    /// <summary>The same for schemes of the whole node.</summary>
    public Func<KernelSensing> NodeSensing { get; set; } = () => throw new InvalidOperationException("No kernel acts here.");

    /// <summary>Runs whenever time has gone on, before the loop's next turn.</summary>
    public Action? OnTime { get; set; }

    /// <summary>For a loop on a thread of its own.</summary>
    public volatile bool IsEnding;

    public AgentSnapshot Snapshot => Loop.Snapshot;

    public TimeSpan Now => Clock.GetElapsedTime(0);

    public IReadOnlyList<FakePod> Pods => _pods;

    public SchemeView Scheme(string name) => Snapshot.Schemes.Single(scheme => scheme.Name == name);

    public ContainerView View(FakeContainer container) => Snapshot.Containers.Single(view => view.RuntimeId == container.RuntimeId);

    public FakePod AddPod(int containers = 1, FakeQos qos = FakeQos.Burstable, Func<PodRecord, PodRecord>? edit = null)
    {
        var pod = Node.AddPod(PodRecords.UidOf(_next++), qos);
        WriteGroup(pod.Directory);
        _pods.Add(pod);
        _edits[pod.CgroupUid] = edit ?? (record => record);
        for (var i = 0; i < containers; i++)
        {
            Start(pod, $"c{i}");
        }

        return pod;
    }

    public FakeContainer Start(FakePod pod, string name)
    {
        var container = pod.Start(name, PodRecords.IdOf(_next++));
        Host.Write($"/proc/{container.Processes[0].Pid}/numa_maps", "100000 default anon=2048\n");
        WriteGroup(container.Directory);
        return container;
    }

    /// <summary>/proc/zoneinfo of three nodes: of node 1 the free pages are given, the others have room.</summary>
    public static string Zones(int freePages) => string.Concat(new[] { 1 << 20, freePages, 1 << 20 }.Select((free, node) => $"Node {node}, zone Normal\n  pages free {free}\n        high 0\n"));

    public void Edit(FakePod pod, Func<PodRecord, PodRecord> edit) => _edits[pod.CgroupUid] = edit;

    public void Remove(FakePod pod)
    {
        _pods.Remove(pod);
        pod.Remove();
    }

    /// <summary>Tells the agent of all pods as they are.</summary>
    public void Report()
    {
        _records.Clear();
        foreach (var pod in _pods)
        {
            _records[pod.CgroupUid] = _edits[pod.CgroupUid](PodRecords.Of(pod));
        }

        Inbox.PutPods([.. _records.Values]);
    }

    public void PutConfig(string mode, string more = "") => Inbox.PutConfig(PlanDocuments.Config("{\"mode\":\"" + mode + "\",\"safety\":{\"startGrace\":\"0s\"}" + more + "}"));

    public void PutPlan(params string[] schemes) => Inbox.PutNode(PlanDocuments.Node("Enforce", schemes));

    public static string Target(string app, string spec = Cold) => spec.Replace("\"podSelector\":{},\"all\":true", "\"podSelector\":{\"matchLabels\":{\"app\":\"" + app + "\"}}", StringComparison.Ordinal);

    public static Func<PodRecord, PodRecord> App(string app) => record => record with { Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = app } };

    /// <summary>Lets the loop run for a while; time goes on only between its turns.</summary>
    public void Run(TimeSpan span, Action? betweenTurns = null)
    {
        for (var until = Now + span; Now < until;)
        {
            var wait = Loop.Turn();
            betweenTurns?.Invoke();
            if (IsWokenByKernel())
            {
                continue;
            }

            var left = until - Now;
            Time.Advance(wait <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : wait < left ? wait : left);
            OnTime?.Invoke();
        }

        do
        {
            Loop.Turn();
        }
        while (IsWokenByKernel());
    }

    public void Run(double seconds) => Run(TimeSpan.FromSeconds(seconds));

    /// <summary>Waits for the kernel where it is asked for something.</summary>
    /// <returns>Whether it was, and has answered.</returns>
    public bool IsWokenByKernel() => AwaitKernel(static () => false);

    /// <summary>Waits for the kernel where it is asked for something, or until there is no more to wait for.</summary>
    /// <param name="isEnough">Whether it need not be waited for any more.</param>
    /// <returns>Whether it was asked for something.</returns>
    public bool AwaitKernel(Func<bool> isEnough)
    {
        Task?[] asked = [(Loop.Driver as KernelDriver)?.Asked, Loop.Node?.Asked, .. Loop.NodeEndings];
        foreach (var one in asked)
        {
            SpinWait.SpinUntil(() => one?.IsCompleted != false || isEnough(), TimeSpan.FromSeconds(30)).Should().BeTrue("the kernel answers");
        }

        return Array.Exists(asked, one => one is not null);
    }

    /// <summary>Whether a process is there, as the same one.</summary>
    public bool IsAlive(ProcessIdentity process) => Node.OwnerOf(process.Pid)?.Has(process) == true;

    public IReadOnlySet<DamonModule> ExclusiveModules { get; set; } = new HashSet<DamonModule>();

    public int Refreshes { get; private set; }

    public void Refresh() => Refreshes++;

    /// <summary>How often memory nodes were asked for.</summary>
    public int MemoryRefreshes { get; private set; }

    public bool RefreshMemory()
    {
        MemoryRefreshes++;
        var before = Facts;
        Facts = before.WithMemoryOf(Host.Root);
        return Facts.Tiers != before.Tiers;
    }

    public BackendDecision Choose(RequestedBackend requested) => Backends(requested);

    public ITargetFactory Targets(MonitoringBackend backend) => this;

    public BackendDecision ChooseForNode() => Backends(RequestedBackend.Kernel);

    public KernelSensing Kernel(KernelPlace place) => place == KernelPlace.Pods ? Sensing() : NodeSensing();

    public IPagePlaces? Places(ProcessIdentity process) => PlacesOf(process);

    public HostResult<IAccessProbe> OpenProbe(ProcessIdentity process)
    {
        if (OpenError(process) is { } error || !IsAlive(process))
        {
            return OpenError(process) ?? new HostError(HostErrorKind.Vanished, "process");
        }

        OnCall?.Invoke(process, nameof(OpenProbe));
        Opened++;
        return new Memory(this, process, Node.OwnerOf(process.Pid)!);
    }

    public HostResult<IMemoryActor> OpenActor(ProcessIdentity process, Func<ControlGroup?> reclaimFrom)
    {
        ReclaimsFrom[process] = reclaimFrom;
        return OpenActor(process);
    }

    public HostResult<IMemoryActor> OpenActor(ProcessIdentity process)
    {
        if (!IsAlive(process))
        {
            return new HostError(HostErrorKind.Vanished, "process");
        }

        Opened++;
        return new Memory(this, process, Node.OwnerOf(process.Pid)!);
    }

    public UndoOutcome Undo(LedgerChange change)
    {
        Undone.Add(change);
        return Undoes(change);
    }

    public void Info(string message) => Told.Add(message);

    void IAgentLog.Unexpected(string what, Exception exception) => Unexpected.Add($"{what}: {exception}");

    public void Dispose()
    {
        Loop.Dispose();
        Ledger?.Dispose();
        Inbox.Dispose();
        Host.Dispose();
    }

    private void WriteGroup(string group) => Host
        .Write(group + "/memory.pressure", RailPod.Pressure()).Write(group + "/io.pressure", RailPod.Pressure())
        .Write(group + "/memory.current", $"{1UL << 30}\n").Write(group + "/memory.min", "0\n").Write(group + "/memory.low", "0\n")
        .Write(group + "/memory.swap.max", "max\n").Write(group + "/memory.swap.current", "0\n")
        .Write(group + "/memory.stat", RailPod.Stat(0)).Write(group + "/memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");

    /// <summary>Cold memory of one process. It acts on whoever has its pid now, as the kernel would: only who is asked for is the agent's to see to.</summary>
    private sealed class Memory(LoopWorld world, ProcessIdentity process, FakeContainer owner) : IAccessProbe, IMemoryActor
    {
        private bool _isClosed;

        public ProbeGranularity Granularity => ProbeGranularity.Page;

        public string LastError => world.Refusal;

        public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
        {
            world.OnCall?.Invoke(process, nameof(ReadAddressSpace));
            ranges.Clear();
            ranges.Add(new AddressRange(1 << 20, (1 << 20) + Bytes));
            return Alive();
        }

        public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
        {
            world.OnLook?.Invoke(process);
            world.OnCall?.Invoke(process, nameof(Prepare));
            return Alive();
        }

        public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
        {
            world.OnCall?.Invoke(process, nameof(Check));
            seen.Clear();
            return Alive();
        }

        public ActionOutcome ReadResident(out ulong residentBytes)
        {
            world.OnCall?.Invoke(process, nameof(ReadResident));
            residentBytes = Bytes;
            return ActionOutcome.Applied;
        }

        public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
        {
            world.OnCall?.Invoke(process, nameof(Measure));
            var bytes = Math.Min(range.SizeBytes, maxBytes) & ~4095UL;
            reach = new Reach(range.Start + bytes, bytes);
            return ActionOutcome.Applied;
        }

        public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
        {
            world.OnApply?.Invoke(process);
            world.OnCall?.Invoke(process, nameof(Apply));
            if (_isClosed)
            {
                world.Violations.Add($"{process} was acted on after its actor was closed");
            }

            // As the real one: a process that ended, or whose pid is another's, is told apart by its identity.
            if (!world.IsAlive(process))
            {
                return new ActionResult(ActionOutcome.Gone, 0, 0);
            }

            if (!ReferenceEquals(world.Node.OwnerOf(process.Pid), owner))
            {
                world.Violations.Add($"{process} belongs to another container now");
            }

            lock (world.Done)
            {
                world.Done.Add((world.Now, process, owner, action));
            }

            if (world.Acts is { } acts)
            {
                return acts(process, action, ranges.ToArray());
            }

            var bytes = 0UL;
            foreach (var range in ranges)
            {
                bytes += range.SizeBytes;
            }

            return new ActionResult(ActionOutcome.Applied, bytes, action.Kind == SchemeAction.Reclaim ? Math.Min(bytes, action.AmountBytes) : bytes);
        }

        public void Dispose()
        {
            if (_isClosed)
            {
                world.Violations.Add($"{process} was closed twice");
            }

            _isClosed = true;
            world.Closed++;
        }

        private ProbeOutcome Alive() => world.IsAlive(process) ? ProbeOutcome.Ok : ProbeOutcome.Gone;
    }
}
