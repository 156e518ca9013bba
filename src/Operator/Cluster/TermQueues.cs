using System.Diagnostics.CodeAnalysis;
using Damon.Api.Clusters;
using Damon.Kubernetes.Queues;
using Damon.Operator.Model;

namespace Damon.Operator.Cluster;

/// <summary>What is to be looked at during one term: names of nodes, names of schemes, and the configuration. For any thread.</summary>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "They are queues.")]
internal sealed class TermQueues : IDisposable
{
    /// <summary>The only key of the configuration's queue.</summary>
    public const string Config = DamonClusterConfigReader.Name;

    /// <summary>The shortest time between two looks at one scheme: at 5,000 nodes each of them would be one after every echo.</summary>
    internal static readonly TimeSpan SchemePace = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;

    // When each scheme was looked at last, for its pace. Bounded by the schemes there are: Forget takes out what is gone.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _lookedAt = new(StringComparer.Ordinal);

    public TermQueues(TimeProvider time, ulong seed)
    {
        _time = time;
        // Retries are spread by the pacer of writes where the server is out of reach; what is left are refusals of single objects.
        Nodes = new WorkQueue<string>(new WorkQueueOptions { MaxBackoff = TimeSpan.FromMinutes(1), RetriesPerSecond = 20 }, time, seed);
        Schemes = new WorkQueue<string>(new WorkQueueOptions { MaxBackoff = TimeSpan.FromMinutes(1) }, time, seed + 1);
        Configs = new WorkQueue<string>(new WorkQueueOptions { MinBackoff = TimeSpan.FromSeconds(1), MaxBackoff = TimeSpan.FromMinutes(1) }, time, seed + 2);
    }

    public WorkQueue<string> Nodes { get; }

    public WorkQueue<string> Schemes { get; }

    public WorkQueue<string> Configs { get; }

    /// <summary>Puts in what is to be looked at.</summary>
    public void Add(Wake wake)
    {
        foreach (var node in wake.Nodes)
            Nodes.Add(node);
        foreach (var scheme in wake.Schemes)
            Schemes.AddAfter(scheme, LeftOf(scheme));
    }

    /// <summary>A scheme is looked at now: the next look has to wait for its pace.</summary>
    public void Looking(string scheme)
    {
        lock (_lock)
            _lookedAt[scheme] = _time.GetTimestamp();
    }

    /// <summary>There is no such scheme any more.</summary>
    public void Forget(string scheme)
    {
        lock (_lock)
            _lookedAt.Remove(scheme);
    }

    public void Dispose()
    {
        Nodes.Dispose();
        Schemes.Dispose();
        Configs.Dispose();
    }

    private TimeSpan LeftOf(string scheme)
    {
        lock (_lock)
            return _lookedAt.TryGetValue(scheme, out var at) && SchemePace - _time.GetElapsedTime(at) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
