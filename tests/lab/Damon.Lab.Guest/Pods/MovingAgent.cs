using System.Runtime.Versioning;
using System.Text;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Ledger;
using Damon.NodeAgent.Standalone;
using Damon.Testing;

namespace Damon.Lab.Guest.Pods;

/// <summary>
/// The loop of a node's agent, in this program, for one workload's pod: with a plan that moves what is cold to another memory node, a ledger in a file, and everything else as on a real node. Only the
/// thresholds of pressure are out of reach: an emulated machine is always short of something.
/// </summary>
internal sealed class MovingAgent : IAgentLog, IChangeUndo, IDisposable
{
    private const string LedgerPath = "/tmp/ledger/changes";

    private readonly LabContext _context;
    private readonly AgentInbox _inbox = new();
    private readonly ChangeLedger _ledger;
    private readonly HostChangeUndo _undo;
    private readonly NodeLoop _loop;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<string> _unexpected = [];
    private SharedKernel? _kernel;
    private KernelWorker? _worker;
    private IReadOnlySet<DamonModule> _modules = new HashSet<DamonModule>();
    private Task _running = Task.CompletedTask;

    /// <summary>Makes one that does not run yet.</summary>
    public MovingAgent(LabContext context)
    {
        _context = context;
        var disk = Of(LedgerFile.Open(LedgerPath));
        _ledger = Of(ChangeLedger.Open(disk, context.Time, context.Read("/proc/sys/kernel/random/boot_id")));
        _undo = new HostChangeUndo(context.Host, context.Time);
        var backends = new HostBackends(context.Host, context.Time, Kernel);
        _loop = new NodeLoop(context.Host, context.Time, new NodeLoopOptions { NodeName = "lab" }, _inbox, backends, this, _ledger, this);
    }

    /// <summary>Whether it leaves everything as it is when it ends, as one that is killed does.</summary>
    public bool IsKilled { get; set; }

    /// <summary>Changes that it owed when it last told.</summary>
    public int OwedChanges => _loop.Snapshot.Node.OwedChanges;

    /// <summary>What its one scheme has measured to have been done, when it last told.</summary>
    public ulong AppliedBytes => _loop.Snapshot.Schemes is [{ Statistics: { } statistics }] ? statistics.AppliedBytes : 0;

    /// <summary>How it is, for people.</summary>
    public string Describe()
    {
        var snapshot = _loop.Snapshot;
        var schemes = snapshot.Schemes.Select(scheme => $"{scheme.State} {scheme.Reason} {scheme.Message}, {scheme.Statistics?.AppliedBytes} moved, held by '{scheme.Statistics?.HeldBy}', failed '{scheme.Statistics?.LastFailure}'");
        var containers = snapshot.Containers.Select(container => $"{container.Name} {container.SessionProcesses} of {container.Processes}, held by '{container.HeldBy}' {container.Message}");
        return $"{snapshot.Node.Backend}, {OwedChanges} owed; {string.Join("; ", schemes)}; {string.Join("; ", containers)}; {snapshot.Problem}{string.Join("; ", _unexpected)}";
    }

    /// <summary>Begins: with the workload's pod, and a plan that moves its cold memory to a node.</summary>
    public void Start(RunningWorkload workload, int node) => Start(workload, $$"""{"type":"MigrateCold","destinations":[{"node":{{node}},"weight":1}]}""");

    /// <summary>Begins: with the workload's pod, and a plan that does something to its cold memory.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="action">As in a scheme, in JSON.</param>
    /// <param name="quota">The most bytes per second.</param>
    public void Start(RunningWorkload workload, string action, string quota = "256Mi")
    {
        SwitchTo("Enforce");
        _inbox.PutNode(Encoding.UTF8.GetBytes(Plan(action, quota)));
        _inbox.PutPods([LabPod.Of(workload.Group)]);
        Run();
    }

    /// <summary>Begins without a plan: all there is to do is what is owed.</summary>
    public void StartIdle()
    {
        SwitchTo("Off");
        Run();
    }

    /// <summary>The cluster's mode.</summary>
    public void SwitchTo(string mode) => _inbox.PutConfig(Encoding.UTF8.GetBytes(
        $$$"""
        {"apiVersion":"damon.dev/v1alpha1","kind":"DamonClusterConfig","metadata":{"name":"cluster"},"spec":{"mode":"{{{mode}}}","ceilings":{"agentCpu":"100%"},"safety":{"startGrace":"0s",
        "pressure":{"memoryAvg10":"100%","memoryAvg60":"100%","ioAvg10":"100%","calm":"0s"},"emergency":{"memoryFullAvg10":"100%","coolDown":"1s"} } } }
        """));

    /// <summary>Ends it, and waits until it has.</summary>
    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await _running;
        Expect.Equal("exceptions", "", string.Join("; ", _unexpected));
    }

    public void Info(string message) => GuestConsole.Note(message);

    public void Unexpected(string what, Exception exception) => _unexpected.Add($"{what}: {exception}");

    public UndoOutcome Undo(LedgerChange change) => IsKilled ? UndoOutcome.Failed : _undo.Undo(change);

    public void Dispose()
    {
        _ending.Cancel();
        _running.GetAwaiter().GetResult();
        _loop.Dispose();
        _worker?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _kernel?.Dispose();
        _ledger.Dispose();
        _inbox.Dispose();
        _ending.Dispose();
    }

    private static T Of<T>(HostResult<T> result) => result.TryGet(out var value) ? value : throw new ExpectationException(result.Error.ToString());

    private string Plan(string action, string quota)
    {
        // A look of user space costs a hundred times what the kernel's own costs, and this machine is slow.
        var (sample, aggregation) = AgentRun.BackendOf(_context.Machine) == "IdlePage" ? ("100ms", "500ms") : ("10ms", "200ms");
        var move = new PlanEntry("move", $$$"""
        {"mode":"Enforce","target":{"kind":"Pods","podSelector":{},"all":true},
        "monitoring":{"sampleInterval":"{{{sample}}}","aggregationInterval":"{{{aggregation}}}","autoTune":{"minSampleInterval":"{{{sample}}}","maxSampleInterval":"{{{sample}}}"}},
        "pattern":{"accessRate":{"max":"0%"},"age":{"min":"2s"}},"action":{{{action}}},"applyInterval":"1s","quota":{"size":"{{{quota}}}","interval":"1s"} }
        """);
        return $$$"""
        {"apiVersion":"damon.dev/v1alpha1","kind":"DamonNode","metadata":{"name":"lab","generation":1},"spec":{"mode":"Enforce","schemes":[{{{move.Json}}}]} }
        """;
    }

    private void Run() => _running = Task.Factory.StartNew(() => _loop.Run(_ending.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private KernelSensing Kernel(IReadOnlySet<DamonModule> modules, KernelPlace place)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The kernel's DAMON is Linux's.");

        _worker ??= new KernelWorker(_context.Time, KernelSensing.WorkerOptions);
        _modules = modules;
        _kernel ??= new SharedKernel(Open);
        return new KernelSensing(_kernel.Of(place), _worker);
    }

    [UnsupportedOSPlatform("windows")]
    private HostKernelInterface Open() => new(new HostDamonTree(_context.Host), _context.Host, _context.Time, new OwnershipSettings { ExclusiveModules = _modules });
}
