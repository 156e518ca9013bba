using Damon.Hosting.Processes;
using Damon.Kubernetes.Requests;

namespace Damon.Operator.Metrics;

/// <summary>Counters that live as long as the process, whatever terms it has. For any thread.</summary>
/// <param name="log">Where controllers tell failures.</param>
internal sealed class OperatorMeter(JsonLog log)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Resource, string Result), (long Requests, long Bytes)> _writes = [];
    private long _terms;

    /// <summary>The controller of nodes.</summary>
    public ControllerMeter Nodes { get; } = new("node", log.Warn, log.Info, log.Unexpected);

    /// <summary>The controller of schemes.</summary>
    public ControllerMeter Schemes { get; } = new("scheme", log.Warn, log.Info, log.Unexpected);

    /// <summary>The controller of the configuration.</summary>
    public ControllerMeter Configs { get; } = new("configuration", log.Warn, log.Info, log.Unexpected);

    /// <summary>All of them.</summary>
    public IReadOnlyList<ControllerMeter> Controllers => [Nodes, Schemes, Configs];

    /// <summary>How often this process has become the leader.</summary>
    public long Terms => Interlocked.Read(ref _terms);

    /// <summary>Writes so far, by resource and result.</summary>
    public IReadOnlyList<WriteCount> Writes
    {
        get
        {
            lock (_lock)
                return [.. _writes.Select(pair => new WriteCount(pair.Key.Resource, pair.Key.Result, pair.Value.Requests, pair.Value.Bytes)).OrderBy(write => write.Resource, StringComparer.Ordinal).ThenBy(write => write.Result, StringComparer.Ordinal)];
        }
    }

    /// <summary>The process leads.</summary>
    public void TermBegun() => Interlocked.Increment(ref _terms);

    /// <summary>A write was sent, or refused before that.</summary>
    /// <param name="resource">What of.</param>
    /// <param name="bytes">The body's size.</param>
    /// <param name="failure">Null where it succeeded.</param>
    public void Written(string resource, int bytes, ApiFailure? failure)
    {
        var key = (resource, failure is null ? "Succeeded" : failure.Kind.ToString());
        lock (_lock)
        {
            var (requests, sum) = _writes.GetValueOrDefault(key);
            _writes[key] = (requests + 1, sum + bytes);
        }
    }
}
