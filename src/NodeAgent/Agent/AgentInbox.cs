using Damon.Api.Clusters;
using Damon.Api.Nodes;
using Damon.NodeAgent.Cluster;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Pods;

namespace Damon.NodeAgent.Agent;

/// <summary>Where watches put what they see, and the loop takes it from.</summary>
internal sealed class AgentInbox : IAgentInputs, IClusterSink, IDisposable
{
    private readonly AutoResetEvent _changed = new(initialState: false);

    /// <summary>Guards the news: several watches put them, and taking must not lose what comes in between.</summary>
    private readonly Lock _gate = new();
    private AgentNews _news = new();
    private volatile bool _isConfigOff;
    private volatile bool _isNodeOff;
    private volatile bool _isPaused;

    /// <inheritdoc/>
    public bool IsOff => _isConfigOff || _isNodeOff || _isPaused;

    /// <inheritdoc/>
    public WaitHandle Changed => _changed;

    /// <inheritdoc/>
    public void Wake() => _changed.Set();

    /// <summary>This node's plan, as the API server gave it.</summary>
    public void PutNode(ReadOnlyMemory<byte> json)
    {
        // Read here already: the loop may be busy, and Off must not wait for it. What cannot be read says nothing.
        var read = DamonNodeReader.Read("damonnode.json", json.Span);
        if (read.Node is { } node)
        {
            _isNodeOff = node.Spec.Mode == ClusterMode.Off;
        }

        Put(news => news with { Node = StoredDocument.Of(json), IsHeard = true });
    }

    /// <summary>There is no plan for this node: nothing more is to be done.</summary>
    public void PutNodeAbsent()
    {
        _isNodeOff = true;
        Put(news => news with { Node = StoredDocument.Absent, IsHeard = true });
    }

    /// <summary>The cluster's configuration, as the API server gave it.</summary>
    public void PutConfig(ReadOnlyMemory<byte> json)
    {
        _isConfigOff = DamonClusterConfigReader.Read("damonclusterconfig.json", json.Span).Mode == ClusterMode.Off;
        Put(news => news with { Config = StoredDocument.Of(json), IsHeard = true });
    }

    /// <summary>There is no configuration: nothing is acted on.</summary>
    public void PutConfigAbsent()
    {
        _isConfigOff = false;
        Put(news => news with { Config = StoredDocument.Absent, IsHeard = true });
    }

    /// <summary>The API server has answered something.</summary>
    public void PutHeard() => Put(news => news with { IsHeard = true });

    /// <summary>The node's pods, all of them.</summary>
    public void PutPods(IReadOnlyCollection<PodRecord> pods) => Put(news => news with { Pods = pods });

    /// <summary>The node's condition MemoryPressure.</summary>
    public void PutMemoryPressure(bool isTrue) => Put(news => news with { HasMemoryPressure = isTrue });

    /// <inheritdoc/>
    public void PutPaused(bool isPaused)
    {
        _isPaused = isPaused;
        Put(news => news with { IsPaused = isPaused });
    }

    /// <inheritdoc/>
    public AgentNews Take()
    {
        lock (_gate)
        {
            var news = _news;
            _news = new AgentNews();
            return news;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _changed.Dispose();

    private void Put(Func<AgentNews, AgentNews> add)
    {
        lock (_gate)
        {
            _news = add(_news);
        }

        Wake();
    }
}
