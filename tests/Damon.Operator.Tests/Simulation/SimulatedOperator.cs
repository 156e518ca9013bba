using Damon.Kubernetes.Objects;
using Damon.Operator.Json;
using Damon.Operator.Model;
using Damon.Operator.Nodes;
using Damon.Operator.Plans;
using Damon.Operator.Schemes;
using Damon.Operator.Statuses;

namespace Damon.Operator.Tests.Simulation;

/// <summary>
/// What the operator's process does around the model, one small step at a time: hears of one change, or works on one key, of which every write is a step of its own. It can be killed between any two of them, and starts with nothing but what the
/// cluster holds.
/// </summary>
internal sealed class SimulatedOperator
{
    private readonly SimulatedCluster _cluster;
    private readonly SortedSet<string> _nodes = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _schemes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _timers = new(StringComparer.Ordinal);
    private ClusterModel _model = new(new());
    private NodeFactsReader _nodeReader = new(new());
    private AgentPodReader _podReader = new(new());
    private DamonNodeRecordReader _recordReader = new(new());
    private (SchemeDecision Decision, string? Version)? _unfinished;

    public SimulatedOperator(SimulatedCluster cluster)
    {
        _cluster = cluster;
        Start();
    }

    public List<SchemeEvent> Events { get; } = [];

    public ClusterModel Model => _model;

    /// <summary>Whether there is anything to do without time passing.</summary>
    public bool IsBusy => _cluster.Changes.Count > 0 || _nodes.Count > 0 || _schemes.Count > 0 || _unfinished is not null;

    /// <summary>When there will be; null where never.</summary>
    public DateTimeOffset? NextTimer => _timers.Count == 0 ? null : _timers.Values.Min();

    /// <summary>Killed, and started anew.</summary>
    public void Restart()
    {
        _nodes.Clear();
        _schemes.Clear();
        _timers.Clear();
        _unfinished = null;
        Start();
    }

    /// <summary>Hears of all changes.</summary>
    public void HearAll()
    {
        while (_cluster.Changes.Count > 0)
            Hear(0);
    }

    /// <summary>Hears of one change.</summary>
    /// <param name="which">Of the changes there are, counted on.</param>
    public void Hear(int which)
    {
        if (_cluster.Changes.Count == 0)
            return;
        var change = _cluster.Changes.ElementAt(which % _cluster.Changes.Count);
        _cluster.Changes.Remove(change);
        Wake(Tell(change.Kind, change.Name));
    }

    /// <summary>Works on one key as far as its next write, or finishes what a write has begun.</summary>
    /// <param name="which">Of the keys that wait, counted on.</param>
    public void Work(int which)
    {
        if (_unfinished is { } unfinished)
        {
            _unfinished = null;
            Events.AddRange(unfinished.Decision.Events);
            Wake(_model.SchemeWritten(unfinished.Decision, unfinished.Version));
            return;
        }

        foreach (var (scheme, due) in _timers.ToList())
        {
            if (due <= _cluster.Now)
            {
                _timers.Remove(scheme);
                _schemes.Add(scheme);
            }
        }

        if (_nodes.Count + _schemes.Count == 0)
            return;
        which %= _nodes.Count + _schemes.Count;
        if (which < _schemes.Count)
            WorkOnScheme(_schemes.ElementAt(which));
        else
            WorkOnNode(_nodes.ElementAt(which - _schemes.Count));
    }

    private void WorkOnScheme(string name)
    {
        _schemes.Remove(name);
        var decision = _model.DecideScheme(name, _cluster.Now);
        if (decision.LookAgainIn is { } again)
            _timers[name] = _cluster.Now + again;
        if (decision.Finalizer != FinalizerWork.Nothing)
        {
            if (_cluster.TryPatchFinalizers(name, decision.FinalizerPatch))
                Events.AddRange(decision.Events);
            else
                _schemes.Add(name);
            return;
        }

        string? version = null;
        if (!decision.StatusApply.IsEmpty)
        {
            if (!_cluster.TryApplyStatus(decision.StatusApply, out var written))
            {
                // Something is there that has not been heard of.
                _schemes.Add(name);
                return;
            }

            version = written;
        }

        _unfinished = (decision, version);
    }

    private void WorkOnNode(string name)
    {
        _nodes.Remove(name);
        var decision = _model.DecideNode(name, _cluster.Now);
        _schemes.UnionWith(decision.Schemes);
        switch (decision.Work)
        {
            case NodeWork.Apply:
                if (_cluster.TryApplyNode(decision.Apply) is { } answer)
                    Wake(_model.NodeWritten(decision, _recordReader.Read(answer), _cluster.Now));
                else
                    _nodes.Add(name);
                break;
            case NodeWork.Delete:
                _cluster.DeleteNode(name, decision.Uid);
                break;
        }
    }

    private void Start()
    {
        _model = new(new());
        var texts = new TextPool();
        (_nodeReader, _podReader, _recordReader) = (new(texts), new(texts), new(texts));
        _cluster.Changes.Clear();
        foreach (var kind in (string[])[SimulatedCluster.Configs, SimulatedCluster.Nodes, SimulatedCluster.Pods, SimulatedCluster.DamonNodes, SimulatedCluster.Schemes])
        {
            foreach (var name in _cluster.Names(kind).ToList())
                Wake(Tell(kind, name));
        }
    }

    private Wake Tell(string kind, string name)
    {
        var (json, now) = (_cluster.Get(kind, name), _cluster.Now);
        return (kind, json) switch
        {
            (SimulatedCluster.Schemes, null) => _model.RemoveScheme(name),
            (SimulatedCluster.Schemes, _) => _model.SetScheme(SchemeObjectReader.Read(json)),
            (SimulatedCluster.Nodes, null) => _model.RemoveNode(name, now),
            (SimulatedCluster.Nodes, _) => _model.SetNode(_nodeReader.Read(json), now),
            (SimulatedCluster.Pods, null) => _model.RemoveAgentPod(new ObjectKey("damon", name), now),
            (SimulatedCluster.Pods, _) => _model.SetAgentPod(_podReader.Read(json), now),
            (SimulatedCluster.DamonNodes, null) => _model.RemoveDamonNode(name, now),
            (SimulatedCluster.DamonNodes, _) => _model.SetDamonNode(_recordReader.Read(json), now),
            (_, null) => _model.SetConfig(ClusterRules.Absent),
            _ => _model.SetConfig(ClusterRules.Read(json)),
        };
    }

    private void Wake(Wake wake)
    {
        _nodes.UnionWith(wake.Nodes);
        _schemes.UnionWith(wake.Schemes);
    }
}
