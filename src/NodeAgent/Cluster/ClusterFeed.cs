using System.Text.Json;
using Damon.Api.Clusters;
using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Kubernetes.Timing;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Cluster;

/// <summary>
/// Follows what the cluster says to this node and puts it where the agent's loop takes it from: its DamonNode, the cluster's configuration, its pods with their namespaces' labels, and its own
/// Node. An object that is not there is told only after the API server has said so; as long as it says nothing, what was known stays.
/// </summary>
internal sealed class ClusterFeed
{
    /// <summary>What comes together is told together, and an object that is replaced by one of its name is not seen as missing.</summary>
    internal static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);

    /// <summary>A plan or configuration must be gone for so long: tools replace objects by deleting them and making them anew, and what was done would be undone for that.</summary>
    internal static readonly TimeSpan AbsenceGrace = TimeSpan.FromSeconds(1);

    /// <summary>How often the contact is looked at.</summary>
    internal static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>How often it is told that the server was heard of. Each time wakes the loop.</summary>
    internal static readonly TimeSpan HeardEvery = TimeSpan.FromSeconds(15);

    /// <summary>The longest wait of the configuration's informer, whatever a server asks for: Off must be heard and obeyed within ten seconds, also right after an outage. Up to a second is added by chance, and a list and a turn come after it.</summary>
    private static readonly TimeSpan MaxConfigBackoff = TimeSpan.FromSeconds(5);

    private readonly string _nodeName;
    private readonly IClusterSink _sink;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Wakeup _wakeup;
    private readonly NewsHandler<RawObject> _planNews;
    private readonly NewsHandler<RawObject> _configNews;
    private readonly NewsHandler<PodRecord> _podNews;
    private readonly NewsHandler<IReadOnlyDictionary<string, string>> _namespaceNews;
    private readonly NewsHandler<NodeRecord> _nodeNews;
    private readonly Informer<RawObject> _plan;
    private readonly Informer<RawObject> _config;
    private readonly Informer<PodRecord> _pods;
    private readonly Informer<IReadOnlyDictionary<string, string>> _namespaces;
    private readonly Informer<NodeRecord> _node;
    private readonly DisownedKind _podsWere = new(AbsenceGrace);
    private readonly DisownedKind _namespacesWere = new(AbsenceGrace);

    // A namespace ends after its pods, but that is heard of on another watch. Of namespaces that have pods here.
    private Dictionary<string, IReadOnlyDictionary<string, string>> _namespaceLabels = new(StringComparer.Ordinal);
    private volatile IReadOnlyDictionary<string, PodRecord> _podsByUid = new Dictionary<string, PodRecord>();
    private volatile string? _planUid;
    private ObjectHeader? _toldPlan;
    private ObjectHeader? _toldConfig;
    private TimeSpan? _planAbsentSince;
    private TimeSpan? _configAbsentSince;
    private bool _isPlanAbsenceTold;
    private bool _isConfigAbsenceTold;
    private NodeRecord _toldNode;
    private TimeSpan? _heardAt;
    private long _withheldPods;

    /// <summary>Makes a feed; nothing is sent until <see cref="RunAsync"/>.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="nodeName">This node.</param>
    /// <param name="sink">Takes what is heard.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of the chance in waits.</param>
    public ClusterFeed(ApiClient client, string nodeName, IClusterSink sink, TimeProvider time, ulong seed)
    {
        _nodeName = nodeName;
        _sink = sink;
        _time = time;
        _start = time.GetTimestamp();
        _wakeup = new Wakeup(time);
        (_planNews, _configNews, _podNews, _namespaceNews, _nodeNews) = (new(_wakeup), new(_wakeup), new(_wakeup), new(_wakeup), new(_wakeup));

        // Of the newest state: what memory has may be a plan that was withdrawn.
        _plan = new(client, new(Named(ClusterKinds.Nodes, nodeName), ObjectDecoders.Raw()), [_planNews], time, seed);
        _config = new(
            client, new(Named(ClusterKinds.Configs, DamonClusterConfigReader.Name), ObjectDecoders.Raw()) { MaxBackoff = MaxConfigBackoff, MaxRetryAfter = MaxConfigBackoff }, [_configNews], time, seed + 1);
        _pods = new(
            client,
            new(new ObjectQuery(ResourceKind.Pods) { FieldSelector = $"spec.nodeName={nodeName}" }, DecodePod) { ListMode = ListMode.Cached },
            [_podNews],
            time,
            seed + 2);
        _namespaces = new(
            client, new(new ObjectQuery(ResourceKind.Namespaces) { MetadataOnly = true }, DecodeLabels) { ListMode = ListMode.Cached }, [_namespaceNews], time, seed + 3);
        _node = new(client, new(Named(ResourceKind.Nodes, nodeName), DecodeNode) { ListMode = ListMode.Cached }, [_nodeNews], time, seed + 4);
    }

    /// <summary>The uid of this node's DamonNode; null where there is none, or nothing is known yet. For any thread.</summary>
    public string? PlanUid => _planUid;

    /// <summary>Pods that are not told because the labels of their namespace are not known yet: one of them may forbid to touch them. For any thread.</summary>
    public long WithheldPods => Interlocked.Read(ref _withheldPods);

    /// <summary>How each informer stands with the server. For any thread.</summary>
    public IReadOnlyList<(string Resource, InformerHealth Health)> Health =>
    [
        (ClusterKinds.Nodes.Plural, _plan.Health), (ClusterKinds.Configs.Plural, _config.Health), ("pods", _pods.Health), ("namespaces", _namespaces.Health), ("nodes", _node.Health),
    ];

    /// <summary>A pod that was told, or null. For any thread.</summary>
    /// <param name="uid">Its uid.</param>
    public PodRecord? FindPod(string uid) => _podsByUid.GetValueOrDefault(uid);

    /// <summary>Follows until cancelled.</summary>
    /// <param name="cancellation">Ends it, without an exception.</param>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // Started one after the other, so that a fault of one ends all.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] informers = [_plan.RunAsync(stop.Token), _config.RunAsync(stop.Token), _pods.RunAsync(stop.Token), _namespaces.RunAsync(stop.Token), _node.RunAsync(stop.Token)];
        try
        {
            while (!stop.IsCancellationRequested && !Array.Exists(informers, informer => informer.IsCompleted))
            {
                await _wakeup.WaitAsync(Look(), stop.Token);
                if (!stop.IsCancellationRequested)
                {
                    await GatherAsync(stop.Token);
                }
            }
        }
        finally
        {
            stop.Cancel();
            await Task.WhenAll(informers);
        }
    }

    private static ObjectQuery Named(ResourceKind kind, string name) => new(kind) { FieldSelector = $"metadata.name={name}" };

    // What throws here costs that object alone: its last good version stays, and the informer names it.
    private static PodRecord DecodePod(ReadOnlySpan<byte> utf8) => PodReader.Read(utf8) ?? throw new JsonException("The pod cannot be read.");

    private static IReadOnlyDictionary<string, string> DecodeLabels(ReadOnlySpan<byte> utf8) => PodReader.ReadLabels(utf8) ?? throw new JsonException("The namespace cannot be read.");

    private static NodeRecord DecodeNode(ReadOnlySpan<byte> utf8) => NodeReader.Read(utf8) ?? throw new JsonException("The node cannot be read.");

    private async Task GatherAsync(CancellationToken cancellation)
    {
        var gathered = new Wakeup(_time);
        await gathered.WaitAsync(Gather, cancellation);
    }

    /// <returns>When to look again at the latest.</returns>
    private TimeSpan Look()
    {
        var now = _time.GetElapsedTime(_start);
        TellContact(now);
        TellConfig(now);
        TellPlan(now);
        TellNode();
        TellPods(now);
        return _podsWere.IsPending || _namespacesWere.IsPending || _planAbsentSince is not null || _configAbsentSince is not null ? AbsenceGrace / 4 : LookEvery;
    }

    /// <summary>
    /// The server is heard of as long as it answers for both objects that say what may be done. An open watch is contact: a connection that is dead is found by its pings in 45 s. "Not found" is
    /// an answer; no connection, 5xx, 401 and 403 are none, whatever other kinds bring.
    /// </summary>
    private void TellContact(TimeSpan now)
    {
        var silence = TimeSpan.Zero;
        foreach (var health in (InformerHealth[])[_plan.Health, _config.Health])
        {
            if (health.LastContact is null || health.Failure is { IsLossOfServer: true })
            {
                return;
            }

            var own = health.Phase == InformerPhase.Watching ? TimeSpan.Zero : health.SinceLastContact;
            silence = own > silence ? own : silence;
        }

        if (_heardAt is null || now - silence - _heardAt >= HeardEvery)
        {
            _heardAt = now - silence;
            _sink.PutHeard();
        }
    }

    private void TellPlan(TimeSpan now)
    {
        if (!_planNews.IsSettled)
        {
            return;
        }

        if (_plan.Store.TryGet(new ObjectKey(_nodeName), out var plan))
        {
            (_planAbsentSince, _isPlanAbsenceTold, _planUid) = (null, false, plan.Header.Uid);
            if (_toldPlan != plan.Header)
            {
                _toldPlan = plan.Header;
                _sink.PutNode(plan.Value.Utf8);
            }

            return;
        }

        _planUid = null;
        if (!_isPlanAbsenceTold && IsLongEnough(ref _planAbsentSince, now))
        {
            (_toldPlan, _planAbsentSince, _isPlanAbsenceTold) = (null, null, true);
            _sink.PutNodeAbsent();
        }
    }

    private void TellConfig(TimeSpan now)
    {
        if (!_configNews.IsSettled)
        {
            return;
        }

        if (_config.Store.TryGet(new ObjectKey(DamonClusterConfigReader.Name), out var config))
        {
            (_configAbsentSince, _isConfigAbsenceTold) = (null, false);
            if (_toldConfig != config.Header)
            {
                _toldConfig = config.Header;
                _sink.PutConfig(config.Value.Utf8);
            }
        }
        else if (!_isConfigAbsenceTold && IsLongEnough(ref _configAbsentSince, now))
        {
            (_toldConfig, _configAbsentSince, _isConfigAbsenceTold) = (null, null, true);
            _sink.PutConfigAbsent();
        }
    }

    private static bool IsLongEnough(ref TimeSpan? since, TimeSpan now)
    {
        since ??= now;
        return now - since >= AbsenceGrace;
    }

    private void TellNode()
    {
        // A node that cannot be seen, or is gone while its agent runs, is as it was.
        if (!_nodeNews.TakeNews() || !_node.Store.TryGet(new ObjectKey(_nodeName), out var node))
        {
            return;
        }

        if (node.Value.HasMemoryPressure is { } pressure && pressure != _toldNode.HasMemoryPressure)
        {
            _sink.PutMemoryPressure(pressure);
        }

        if (node.Value.IsPaused != _toldNode.IsPaused)
        {
            _sink.PutPaused(node.Value.IsPaused);
        }

        _toldNode = node.Value with { HasMemoryPressure = node.Value.HasMemoryPressure ?? _toldNode.HasMemoryPressure };
    }

    private void TellPods(TimeSpan now)
    {
        var isDisowned = _podsWere.Judge(_pods.Health, now) | _namespacesWere.Judge(_namespaces.Health, now);
        if (isDisowned || !_podNews.IsSettled || !_namespaceNews.IsSettled)
        {
            // What is new now is looked at when it may be believed.
            return;
        }

        var isNews = _podNews.TakeNews();
        if (!(_namespaceNews.TakeNews() | isNews))
        {
            return;
        }

        var pods = new List<PodRecord>();
        var labelsInUse = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        var withheld = 0L;
        foreach (var stored in _pods.Store.List())
        {
            if (!labelsInUse.TryGetValue(stored.Key.Namespace, out var labels))
            {
                labels = _namespaces.Store.TryGet(new ObjectKey(stored.Key.Namespace), out var found) ? found.Value : _namespaceLabels.GetValueOrDefault(stored.Key.Namespace);
                if (labels is null)
                {
                    withheld++;
                    continue;
                }

                labelsInUse.Add(stored.Key.Namespace, labels);
            }

            pods.Add(stored.Value with { NamespaceLabels = labels });
        }

        _namespaceLabels = labelsInUse;
        Interlocked.Exchange(ref _withheldPods, withheld);
        var byUid = new Dictionary<string, PodRecord>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            byUid[pod.Uid] = pod;
        }

        _podsByUid = byUid;
        _sink.PutPods(pods);
    }
}
