using System.Collections.Concurrent;
using Damon.Testing.ControlPlane.Agents;

namespace Damon.Scale.Measures;

/// <summary>Follows how a change of one scheme reaches the nodes: when each plan was seen with another hash of it, and when the server took the status that echoes that.</summary>
/// <param name="time">The clock.</param>
internal sealed class EchoTracker(TimeProvider time) : IAgentsObserver
{
    private volatile Change? _change;

    /// <summary>Nodes whose plan has the change.</summary>
    public int Written => _change?.Written.Count ?? 0;

    /// <summary>Nodes that have echoed it.</summary>
    public int Echoed => _change?.Echoed.Count ?? 0;

    /// <summary>Begins to follow.</summary>
    /// <param name="scheme">Which scheme.</param>
    /// <param name="before">The plans as they are before the change.</param>
    public void Begin(string scheme, IReadOnlyDictionary<string, SimulatedPlan> before) =>
        _change = new Change(scheme, before.ToDictionary(pair => pair.Key, pair => pair.Value.HashOf(scheme) ?? "", StringComparer.Ordinal), time.GetTimestamp());

    /// <summary>How many seconds after the beginning this share of the nodes that have it had it.</summary>
    public (double Written, double Echoed) SecondsOf(double share) => _change is { } change ? (change.Seconds(change.Written, share, time), change.Seconds(change.Echoed, share, time)) : (double.NaN, double.NaN);

    public void PlanSeen(string node, SimulatedPlan plan, long at)
    {
        if (_change is { } change && change.IsIn(node, plan))
            change.Written.TryAdd(node, at);
    }

    public void StatusWritten(string node, SimulatedPlan plan, long at)
    {
        if (_change is { } change && change.IsIn(node, plan))
            change.Echoed.TryAdd(node, at);
    }

    private sealed class Change(string scheme, Dictionary<string, string> before, long began)
    {
        public ConcurrentDictionary<string, long> Written { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, long> Echoed { get; } = new(StringComparer.Ordinal);

        public bool IsIn(string node, SimulatedPlan plan) => plan.HashOf(scheme) is { } hash && hash != before.GetValueOrDefault(node);

        public double Seconds(ConcurrentDictionary<string, long> times, double share, TimeProvider time)
        {
            var sorted = times.Values.Order().ToList();
            return sorted.Count == 0 ? double.NaN : time.GetElapsedTime(began, sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)]).TotalSeconds;
        }
    }
}
