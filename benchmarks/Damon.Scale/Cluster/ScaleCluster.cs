using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Scale.Measures;
using Damon.Testing.ControlPlane.Agents;
using Damon.Testing.ControlPlane.Faults;
using Damon.Testing.ControlPlane.Programs;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Scale.Cluster;

/// <summary>
/// A real API server with many nodes, the operator as a process that comes with its own role, and the nodes' agents played by this process. The operator's bytes go through a relay that counts them,
/// its requests are counted by the server's own audit log.
/// </summary>
internal sealed class ScaleCluster : IAsyncDisposable
{
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(45);

    private readonly DamonControlPlane _plane;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly AuditLog _audit;
    private TcpRelay? _relay;
    private RunningOperator? _operator;
    private Task _playing = Task.CompletedTask;
    private Task _beating = Task.CompletedTask;
    private SimulatedAgents? _agents;
    private SimulatedNodes? _nodes;

    /// <summary>Names one; nothing is started.</summary>
    /// <param name="wantsCurrentDefinitions">Whether an old API server is to pass our kinds on to a current server of custom resources.</param>
    /// <param name="time">The clock.</param>
    public ScaleCluster(bool wantsCurrentDefinitions, TimeProvider time)
    {
        _time = time;
        Tracker = new EchoTracker(time);
        _plane = new DamonControlPlane(
            new KubeApiServerOptions
            {
                Users = [RunningOperator.User],
                AuditPolicy = AuditLog.PolicyFor(RunningOperator.User.Name),
                LongestLife = LongestLife,
            },
            wantsRules: wantsCurrentDefinitions);
        _audit = new AuditLog(_plane.Server.AuditLogPath);
    }

    public ApiClient Client => _plane.Client;

    public KubeApiServer Server => _plane.Server;

    /// <summary>Whether another server than the API server serves our kinds, behind it.</summary>
    public bool HasServerOfItsOwnKinds => _plane.DefinitionsServer != Server;

    public EchoTracker Tracker { get; }

    public SimulatedAgents Agents => _agents ?? throw new InvalidOperationException("The agents are not started.");

    public RunningOperator Operator => _operator ?? throw new InvalidOperationException("The operator is not started.");

    /// <summary>Starts the server with our definitions and roles.</summary>
    public async Task StartServerAsync(CancellationToken cancellation)
    {
        await _plane.StartAsync(cancellation);
        var namespaced = await Client.CreateAsync(
            ResourceKind.Namespaces, "", Encoding.UTF8.GetBytes($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{RunningOperator.Namespace}}"} }"""), cancellation);
        if (!namespaced.Succeeded)
            throw new InvalidOperationException(namespaced.Failure.ToString());
        var refused = await Manifests.ApplyFolderAsync(Client, "deploy/rbac", cancellation);
        if (refused.Count > 0)
            throw new InvalidOperationException(string.Join("\n", refused));
    }

    /// <summary>Makes the nodes with their agents' pods.</summary>
    public async Task CreateNodesAsync(int count, Action made, CancellationToken cancellation)
    {
        _nodes = new SimulatedNodes(Client, new SimulatedNodesOptions { Count = count, Namespace = RunningOperator.Namespace, PodLabels = RunningOperator.AgentLabels });
        await _nodes.CreateAsync(made, cancellation);
    }

    /// <summary>Writes a scheme, or the configuration.</summary>
    public async Task ApplyAsync(ResourceKind kind, string name, byte[] body, CancellationToken cancellation)
    {
        var applied = await Client.PatchAsync(kind, new ObjectKey(name), PatchKind.Apply, body, "damon-scale", force: true, cancellation);
        if (!applied.Succeeded)
            throw new InvalidOperationException($"{name} was not taken: {applied.Failure}");
    }

    /// <summary>Starts the agents, the kubelets' heartbeats and the operator.</summary>
    public void StartOperator(ulong seed)
    {
        _agents = new SimulatedAgents(Client, new SimulatedAgentsOptions(), seed, Tracker);
        _playing = _agents.RunAsync(_stop.Token);
        _relay = new TcpRelay(Server.Port);
        _operator = new RunningOperator(Server.KubeconfigOf(RunningOperator.User, _relay.Url), "scale", LongestLife);
    }

    /// <summary>Lets the kubelets tell their status from time to time.</summary>
    public void StartHeartbeats() => _beating = _nodes!.PlayHeartbeatsAsync(TimeSpan.FromMinutes(5), _stop.Token);

    /// <summary>A scheme's state, as anybody would read it.</summary>
    public async Task<SchemeState> StateOfAsync(int scheme, CancellationToken cancellation)
    {
        var read = await Client.GetAsync(DamonKinds.Schemes, new ObjectKey(SchemeDocuments.NameOf(scheme)), cancellation);
        return read.Succeeded ? SchemeState.Read(read.Value.Span) : throw new InvalidOperationException($"A scheme could not be read: {read.Failure}");
    }

    /// <summary>All counters now; those of what is not started are zero.</summary>
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "What this process itself has cost.")]
    public async Task<Reading> ReadAsync(CancellationToken cancellation)
    {
        using var self = Process.GetCurrentProcess();
        return new Reading(
            _time.GetTimestamp(),
            _operator is null ? new ProcessFigures(TimeSpan.Zero, 0, 0) : _operator.Process.Figures ?? throw new InvalidOperationException($"The operator has ended: {_operator.Process.Output}"),
            CpuOf(Server.Process, "The API server"),
            HasServerOfItsOwnKinds ? CpuOf(_plane.DefinitionsServer.Process, "The server of our kinds") : TimeSpan.Zero,
            Stores.Select(store => CpuOf(store.Process, "etcd")).Aggregate((sum, cpu) => sum + cpu),
            self.TotalProcessorTime,
            _relay?.BytesUp ?? 0,
            _relay?.BytesDown ?? 0,
            await SumAsync(store => store.RevisionAsync(cancellation)),
            await SumAsync(store => store.ReceivedBytesAsync(cancellation)),
            _agents?.Written ?? 0,
            _operator is null ? "" : await _operator.MetricsAsync(cancellation));
    }

    /// <summary>What the operator has asked for since the last call.</summary>
    public IReadOnlyList<AuditedRequest> NewRequests() => _audit.ReadOn();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _operator?.Dispose();
        await Task.WhenAll(_playing, _beating);
        _agents?.Dispose();
        _relay?.Dispose();
        _plane.Dispose();
        _stop.Dispose();
    }

    private IReadOnlyList<Etcd> Stores => HasServerOfItsOwnKinds ? [Server.Etcd, _plane.Etcd] : [Server.Etcd];

    private static TimeSpan CpuOf(ServerProcess process, string who) => process.Figures?.Cpu ?? throw new InvalidOperationException($"{who} has ended: {process.Output}");

    private async Task<long> SumAsync(Func<Etcd, Task<long>> figure)
    {
        var sum = 0L;
        foreach (var store in Stores)
            sum += await figure(store);
        return sum;
    }
}
