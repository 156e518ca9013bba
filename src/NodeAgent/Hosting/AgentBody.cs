using System.Runtime.Versioning;
using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Hosting.Processes;
using Damon.NodeAgent.Agent;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Ledger;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Hosting;

/// <summary>The loop of a node's agent with the host it acts on.</summary>
internal sealed class AgentBody : IAgentBody
{
    /// <summary>Turning a kdamond off takes as long as its longest interval; the loop does not wait for longer than this.</summary>
    private static readonly TimeSpan CleanUpPatience = TimeSpan.FromSeconds(6);

    private readonly AgentInbox _inbox = new();
    private readonly NodeLoop _loop;
    private readonly ChangeLedger? _ledger;
    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly IAgentLog _log;
    private readonly KernelWorker _worker;
    private SharedKernel? _kernel;

    /// <summary>Read by the kernel's thread when it takes the interface.</summary>
    private volatile IReadOnlySet<DamonModule> _modules = new HashSet<DamonModule>();
    private ulong _transitionsTold;

    private AgentBody(AgentOptions options, HostRoot host, ChangeLedger? ledger, ProcessAdvice advice, IAgentLog log, TimeProvider time, ulong seed, Func<INodeBackends, INodeBackends>? inFront)
    {
        (_host, _time, _ledger, _log) = (host, time, ledger, log);
        _worker = new KernelWorker(time, KernelSensing.WorkerOptions);
        INodeBackends backends = new HostBackends(host, time, Kernel, advice: advice, usesKernel: options.UsesKernelDamon);
        var store = new PlanStore(new DurableFile(new HostRoot(), options.PlanFile, PlanStore.MaxBytes));
        _loop = new NodeLoop(
            host,
            time,
            new NodeLoopOptions
            {
                NodeName = options.NodeName,
                AgentVersion = AgentProgram.Version,
                OwnPodUid = options.PodUid,
                CpuCeiling = options.CpuCeiling?.Share,
                Seed = seed,
                Finder = new ContainerFinderOptions { CgroupRoot = options.CgroupRoot ?? "" },
            },
            _inbox,
            inFront?.Invoke(backends) ?? backends,
            log,
            ledger,
            ledger is null ? null : new HostChangeUndo(host, time),
            store);
    }

    /// <inheritdoc/>
    public IClusterSink Sink => _inbox;

    /// <summary>Opens the ledger, asks the kernel what it takes, and makes the loop; nothing is started.</summary>
    /// <param name="options">The flags.</param>
    /// <param name="log">The log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of the loop's chance.</param>
    /// <param name="why">Why there is none; empty where there is.</param>
    public static AgentBody? TryMake(AgentOptions options, JsonLog log, TimeProvider time, ulong seed, out string why) => TryMake(options, log, time, seed, inFront: null, out why);

    /// <summary>The same with something between the loop and what the node can sense and act with: for programs that measure the agent.</summary>
    /// <param name="options">The flags.</param>
    /// <param name="log">The log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of the loop's chance.</param>
    /// <param name="inFront">Stands in front of what is given.</param>
    /// <param name="why">Why there is none; empty where there is.</param>
    internal static AgentBody? TryMake(AgentOptions options, JsonLog log, TimeProvider time, ulong seed, Func<INodeBackends, INodeBackends>? inFront, out string why)
    {
        why = "";
        var host = new HostRoot(options.HostRoot);
        if (!host.ReadText("/proc/sys/kernel/random/boot_id").TryGet(out var boot))
        {
            why = $"{options.HostRoot} has no /proc of a host; mount the host's and name it with --host-root";
            return null;
        }

        var locked = LedgerFile.Open(options.LedgerFile);
        if (!locked.TryGet(out var file))
        {
            why = $"the ledger of changes cannot be had: {locked.Error}. Another agent runs with this --state-dir, or it cannot be written";
            return null;
        }

        // A ledger that cannot be read is not written over: what is in it is owed. Nothing reversible is done then.
        var opened = ChangeLedger.Open(file, time, boot.Trim());
        if (!opened.TryGet(out var ledger))
        {
            log.Warn($"the ledger of changes cannot be read, so nothing is done that would have to be put back: {opened.Error}");
        }

        var advice = ProcessAdviceProbe.Ask(host, time);
        log.Info(advice.Message);
        return new AgentBody(options, host, ledger, advice, new AgentLog(log), time, seed, inFront);
    }

    /// <inheritdoc/>
    public IAgentView View => _loop;

    /// <inheritdoc/>
    public void Run(CancellationToken cancellation)
    {
        CleanUpKernel();
        _loop.Run(cancellation);
    }

    /// <inheritdoc/>
    public NodeReport? Report() => _loop.Snapshot is var snapshot && ReferenceEquals(snapshot, AgentSnapshot.Empty) ? null : SnapshotReport.Of(snapshot);

    /// <inheritdoc/>
    public IReadOnlyList<RailTransition> TakeTransitions()
    {
        var node = _loop.Snapshot.Node;
        var fresh = (int)Math.Min(node.TransitionCount - _transitionsTold, (ulong)node.Transitions.Count);
        _transitionsTold = node.TransitionCount;
        return [.. node.Transitions.Skip(node.Transitions.Count - fresh)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop.Dispose();
        _worker.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _kernel?.Dispose();
        _ledger?.Dispose();
        _inbox.Dispose();
    }

    /// <summary>
    /// An agent that was killed has left its kdamonds. The next session would clean up after it, but there may never be one: nothing may be planned here any more, or the cluster be off. On the thread of the
    /// kernel, which nothing can call back from there.
    /// </summary>
    private void CleanUpKernel()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        KernelOutcome outcome;
        try
        {
            outcome = _worker.ChangeAsync(
                () =>
                {
                    using var ownership = new DamonOwnership(new HostDamonTree(_host), _host, _time, new OwnershipSettings());
                    return ownership.CleanUp();
                },
                CancellationToken.None).WaitAsync(CleanUpPatience, _time).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            outcome = new KernelOutcome(KernelOutcomeKind.Busy, $"the kernel has not answered within {CleanUpPatience.TotalSeconds:0} s");
        }

        if (!outcome.IsDone)
        {
            _log.Info($"what an agent that was killed has left in the kernel's DAMON could not be put back: {outcome.Message}");
        }
    }

    /// <summary>One thread and one owner for all of the agent's life. Which modules may be switched off counts when the interface is taken.</summary>
    private KernelSensing Kernel(IReadOnlySet<DamonModule> modules, KernelPlace place)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The kernel's DAMON is Linux's.");
        }

        _modules = modules;
        _kernel ??= new SharedKernel(Open);
        return new KernelSensing(_kernel.Of(place), _worker);
    }

    [UnsupportedOSPlatform("windows")]
    private HostKernelInterface Open() => new(new HostDamonTree(_host), _host, _time, new OwnershipSettings { ExclusiveModules = _modules });

    private sealed class AgentLog(JsonLog log) : IAgentLog
    {
        public void Info(string message) => log.Info(message);

        public void Unexpected(string what, Exception exception) => log.Unexpected(what, exception);
    }
}
