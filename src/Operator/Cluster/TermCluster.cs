using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.Api.Schemes;
using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Requests;
using Damon.Operator.Json;
using Damon.Operator.Metrics;
using Damon.Operator.Model;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;
using Damon.Operator.Schemes;

namespace Damon.Operator.Cluster;

/// <summary>
/// What the operator hears of the cluster during one term: eight informers, of everything as little as the model needs. They begin empty with the term, so that their first lists show the last writes of the
/// leader before.
/// </summary>
internal sealed class TermCluster
{
    /// <summary>A page of a list of DamonNodes may hold a plan of 32 KiB for each.</summary>
    private const int PageSize = 250;

    private readonly ClusterModel _model;
    private readonly TermQueues _queues;
    private readonly ModelHandler<DamonNodeRecord> _damonNodeNews;
    private readonly ModelHandler<ConfigObject> _configNews;
    private readonly Informer<NodeFacts> _nodes;
    private readonly Informer<AgentPodFacts> _agents;
    private readonly List<(string Resource, Func<InformerHealth> Health, Func<int> Count, Func<CancellationToken, Task> Settled, Func<CancellationToken, Task> Run)> _all = [];

    // What each definition lacks; told together.
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, string> _lacks = new(StringComparer.Ordinal);

    /// <summary>Makes the informers; nothing is sent until <see cref="RunAsync(CancellationToken)"/>.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="model">Is told what is heard.</param>
    /// <param name="queues">Take what is to be looked at.</param>
    /// <param name="reader">Reads DamonNodes.</param>
    /// <param name="texts">Texts that repeat.</param>
    /// <param name="agentNamespace">Where agents run.</param>
    /// <param name="agentSelector">Which pods they are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="seed">Of the chance in waits.</param>
    public TermCluster(
        ApiClient client, ClusterModel model, TermQueues queues, DamonNodeRecordReader reader, TextPool texts, string agentNamespace, string agentSelector, TimeProvider time, ulong seed)
    {
        (_model, _queues) = (model, queues);
        var schemeNews = new ModelHandler<SchemeObject>(queues, stored => model.SetScheme(stored.Value), stored => model.RemoveScheme(stored.Key.Name));
        _damonNodeNews = new(queues, stored => model.SetDamonNode(stored.Value, time.GetUtcNow()), stored => model.RemoveDamonNode(stored.Key.Name, time.GetUtcNow()));
        _configNews = new(queues, SetConfig, _ => RemoveConfig(), SettleConfig);
        var nodeNews = new ModelHandler<NodeFacts>(queues, stored => model.SetNode(stored.Value, time.GetUtcNow()), stored => model.RemoveNode(stored.Key.Name, time.GetUtcNow()));
        var agentNews = new ModelHandler<AgentPodFacts>(queues, stored => model.SetAgentPod(stored.Value, time.GetUtcNow()), stored => model.RemoveAgentPod(stored.Key, time.GetUtcNow()));

        // A kind that is not known for a while must not look as if there were no such objects: plans would be emptied, and what is being deleted be taken for undone.
        Schemes = new(client, new(new ObjectQuery(OperatorKinds.Schemes), SchemeObjectReader.Read) { PageSize = PageSize, KeepsWhenGone = true }, [schemeNews], time, seed);
        DamonNodes = new(client, new(new ObjectQuery(OperatorKinds.Nodes), reader.Read) { PageSize = PageSize, KeepsWhenGone = true }, [_damonNodeNews], time, seed + 1);
        Configs = new(client, new(Named(OperatorKinds.Configs, DamonClusterConfigReader.Name), ConfigObject.Read) { KeepsWhenGone = true }, [_configNews], time, seed + 2);
        _nodes = new(client, new(new ObjectQuery(ResourceKind.Nodes), new NodeFactsReader(texts).Read) { KeepsWhenGone = true }, [nodeNews], time, seed + 3);
        _agents = new(
            client,
            new(new ObjectQuery(ResourceKind.Pods) { Namespace = agentNamespace, LabelSelector = agentSelector }, new AgentPodReader(texts).Read) { KeepsWhenGone = true },
            [agentNews],
            time,
            seed + 4);

        // Definitions first: what they lack is known before anything is decided.
        Follow(DefinitionOf(client, OperatorKinds.Schemes, DamonSchemeReader.KnownFields, time, seed + 5), "customresourcedefinitions/damonschemes");
        Follow(DefinitionOf(client, OperatorKinds.Nodes, DamonNodeReader.KnownFields, time, seed + 6), "customresourcedefinitions/damonnodes");
        Follow(DefinitionOf(client, OperatorKinds.Configs, DamonClusterConfigReader.KnownFields, time, seed + 7), "customresourcedefinitions/damonclusterconfigs");
        Follow(Configs, OperatorKinds.Configs.Plural);
        Follow(Schemes, OperatorKinds.Schemes.Plural);
        Follow(DamonNodes, OperatorKinds.Nodes.Plural);
        Follow(_nodes, ResourceKind.Nodes.Plural);
        Follow(_agents, ResourceKind.Pods.Plural);
    }

    /// <summary>DamonSchemes.</summary>
    public Informer<SchemeObject> Schemes { get; }

    /// <summary>DamonNodes.</summary>
    public Informer<DamonNodeRecord> DamonNodes { get; }

    /// <summary>The cluster's configuration.</summary>
    public Informer<ConfigObject> Configs { get; }

    /// <summary>How many DamonNodes have been told as gone. For any thread.</summary>
    public long DamonNodeDeletions => _damonNodeNews.Deletions;

    /// <summary>How many configurations have been told as gone. For any thread.</summary>
    public long ConfigDeletions => _configNews.Deletions;

    /// <summary>How each informer stands with the server, and how many objects it has. For any thread.</summary>
    public IReadOnlyList<InformerFigures> Informers => [.. _all.Select(one => new InformerFigures(one.Resource, one.Health(), one.Count()))];

    /// <summary>Wait until each informer has settled.</summary>
    public IReadOnlyList<Func<CancellationToken, Task>> Settled => [.. _all.Select(one => one.Settled)];

    /// <summary>Follows until cancelled.</summary>
    /// <param name="cancellation">Ends it, without an exception.</param>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // A fault of one, which is a bug of a handler, ends all: half of a cluster is none.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAll(_all.Select(one => OperatorTerm.GuardAsync(one.Run(stop.Token), stop)));
    }

    private static ObjectQuery Named(ResourceKind kind, string name) => new(kind) { FieldSelector = $"metadata.name={name}" };

    private void Follow<T>(Informer<T> informer, string resource) =>
        _all.Add((resource, () => informer.Health, () => informer.Store.Count, informer.WaitUntilSettledAsync, informer.RunAsync));

    /// <summary>A definition that is not there says nothing: the kind may be served by another server behind this one.</summary>
    private Informer<DefinitionState> DefinitionOf(ApiClient client, ResourceKind kind, IReadOnlyList<string> fields, TimeProvider time, ulong seed)
    {
        var name = $"{kind.Plural}.{kind.Group}";
        var news = new ModelHandler<DefinitionState>(_queues, stored => Lacks(name, stored.Value.Lacks), _ => Lacks(name, what: null));
        return new(client, new(Named(OperatorKinds.Definitions, name), utf8 => new DefinitionState(DefinitionReader.Lacks(utf8, kind.Version, fields))), [news], time, seed);
    }

    private Wake Lacks(string definition, string? what)
    {
        // Told even where it is the same as before: what the server has cut off plans may pass a definition that has changed.
        lock (_lock)
        {
            if (what is null)
                _lacks.Remove(definition);
            else
                _lacks[definition] = what;
            return _model.SetDefinitionProblem(_lacks.Count == 0 ? null : string.Join("; ", _lacks.Values));
        }
    }

    private Wake SetConfig(StoredObject<ConfigObject> stored)
    {
        _queues.Configs.Add(TermQueues.Config);
        return _model.SetConfig(stored.Value.Rules, stored.Value.IsOffByUninstall);
    }

    private Wake RemoveConfig()
    {
        _queues.Configs.Add(TermQueues.Config);
        return _model.SetConfig(ClusterRules.Absent);
    }

    private Wake SettleConfig()
    {
        _queues.Configs.Add(TermQueues.Config);
        return Configs.Store.Count == 0 ? _model.SetConfig(ClusterRules.Absent) : Wake.Nothing;
    }
}
