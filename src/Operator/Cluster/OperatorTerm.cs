using Damon.Hosting.Processes;
using Damon.Kubernetes.Controllers;
using Damon.Kubernetes.Events;
using Damon.Kubernetes.Requests;
using Damon.Operator.Controllers;
using Damon.Operator.Json;
using Damon.Operator.Metrics;
using Damon.Operator.Model;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;

namespace Damon.Operator.Cluster;

/// <summary>
/// One term of leadership: it begins with nothing, hears the cluster, and works until the term ends. Nothing is decided before everything has been heard of once, and nothing is written without the lease.
/// </summary>
internal sealed class OperatorTerm : IDisposable
{
    /// <summary>How long work that is under way may take when the term ends. With the recorder's grace and the lease's last request below the 30 s that a kubelet gives.</summary>
    internal static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);

    private readonly TermQueues _queues;
    private readonly TermCluster _cluster;
    private readonly WritePacer _pacer;
    private readonly EventRecorder _recorder;
    private readonly OperatorMeter _meter;
    private readonly ClusterModel _model;
    private readonly List<(Controller<string> Controller, string Name)> _controllers = [];

    /// <summary>Makes a term; nothing is sent until <see cref="RunAsync"/>.</summary>
    /// <param name="client">Sends the requests; fenced by the lease.</param>
    /// <param name="settings">How it is worked.</param>
    /// <param name="meter">Counts, over all terms.</param>
    /// <param name="uninstalls">What the process has seen of uninstallations.</param>
    /// <param name="log">The log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of all chance.</param>
    public OperatorTerm(ApiClient client, TermSettings settings, OperatorMeter meter, UninstallWatch uninstalls, JsonLog log, TimeProvider time, ulong seed)
    {
        _meter = meter;
        _model = new ClusterModel(settings.Model);
        var texts = new TextPool();
        var reader = new DamonNodeRecordReader(texts);
        _queues = new TermQueues(time, seed);
        _cluster = new TermCluster(client, _model, _queues, reader, texts, settings.AgentNamespace, settings.AgentSelector, time, seed + 10);
        _pacer = new WritePacer(new WritePacerOptions { PerSecond = settings.WritesPerSecond, Burst = settings.WritesPerSecond }, time, seed + 20);
        _recorder = new EventRecorder(client, new EventRecorderOptions("damon.dev/operator", settings.Identity), time, seed + 21);
        var writer = new ObjectWriter(client, _pacer, meter);

        var nodes = new NodeReconciler(_model, _cluster, writer, reader, _queues, new EchoPace(settings.WritesPerSecond), time);
        var schemes = new SchemeReconciler(_model, writer, _recorder.Record, _queues, time);
        var configs = new ConfigReconciler(_cluster, writer, settings.FirstConfig, settings.FirstMode, uninstalls, _recorder.Record, log, time);
        _controllers.Add((new(_queues.Nodes, nodes.ReconcileAsync, new() { Workers = settings.NodeWorkers, StopGrace = StopGrace }, time, meter.Nodes), "writing plans"));
        _controllers.Add((new(_queues.Schemes, schemes.ReconcileAsync, new() { Workers = 2, StopGrace = StopGrace }, time, meter.Schemes), "deciding schemes"));
        _controllers.Add((new(_queues.Configs, configs.ReconcileAsync, new() { StopGrace = StopGrace }, time, meter.Configs), "keeping the configuration"));
    }

    /// <summary>Whether everything has been heard of once.</summary>
    public bool IsSettled => Informers.All(one => one.Health.IsSettled);

    /// <summary>Whether writes are held back.</summary>
    public bool IsPaused => _pacer.IsPaused;

    /// <summary>Events of this term.</summary>
    public EventCounts Events => _recorder.Counts;

    /// <summary>How each informer stands. For any thread.</summary>
    public IReadOnlyList<InformerFigures> Informers => _cluster.Informers;

    /// <summary>How full the queues are. For any thread.</summary>
    public IReadOnlyList<QueueFigures> Queues =>
    [
        new(_meter.Nodes.Controller, _queues.Nodes.State), new(_meter.Schemes.Controller, _queues.Schemes.State), new(_meter.Configs.Controller, _queues.Configs.State),
    ];

    /// <summary>Nodes and schemes. For any thread.</summary>
    public ClusterFigures Figures() => _model.Figures();

    /// <summary>Works until the term ends; then ends what is under way, tells the last events, and returns.</summary>
    /// <param name="term">The term.</param>
    public async Task RunAsync(CancellationToken term)
    {
        // Watches go on while the controllers end, and events a little longer: each ends what comes before it.
        using var work = CancellationTokenSource.CreateLinkedTokenSource(term);
        using var hearing = new CancellationTokenSource();
        using var telling = new CancellationTokenSource();
        var controllers = _controllers.Select(one => GuardAsync(one.Controller.RunAsync(_cluster.Settled, work.Token), work)).ToList();
        var cluster = GuardAsync(_cluster.RunAsync(hearing.Token), work);
        var recorder = GuardAsync(_recorder.RunAsync(telling.Token), work);
        try
        {
            await Task.WhenAll(controllers);
        }
        finally
        {
            hearing.Cancel();
            telling.Cancel();
            await Task.WhenAll(cluster, recorder);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _queues.Dispose();

    /// <summary>What ends by itself, be it by a fault, ends the term: half of an operator is none.</summary>
    internal static async Task GuardAsync(Task part, CancellationTokenSource work)
    {
        try
        {
            await part;
        }
        finally
        {
            work.Cancel();
        }
    }
}
