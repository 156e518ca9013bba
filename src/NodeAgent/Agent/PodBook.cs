using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Metrics;

namespace Damon.NodeAgent.Agent;

/// <summary>Adds up what schemes did to each pod and would have done, and draws the heatmaps that somebody asks for. For the loop's thread.</summary>
/// <param name="heatmaps">The heatmaps.</param>
internal sealed class PodBook(PodHeatmaps heatmaps) : ISessionObserver
{
    private readonly Dictionary<string, SchemeEffects> _effects = new(StringComparer.Ordinal);

    /// <summary>What of each target's own counters is in the sums; a target that has ended keeps its counters until they are taken.</summary>
    private readonly Dictionary<SessionTarget, (ulong Applied, ulong Refaults)> _taken = [];
    private readonly List<SessionTarget> _ended = [];

    /// <summary>Finds the container of a process that is in the session; null for none.</summary>
    public Func<int, ServedContainer?> ContainerOf { get; set; } = static _ => null;

    /// <inheritdoc/>
    public void OnAggregated(MonitoringSession session)
    {
        if (!heatmaps.IsRecording)
        {
            return;
        }

        foreach (var target in session.Targets)
        {
            if (ContainerOf(target.Id) is { Memory: var memory })
            {
                heatmaps.Add(new PodName(memory.PodNamespace, memory.PodName), target.Id, memory.Name, target.Regions, session.Intervals.SamplesPerAggregation, session.Intervals.Aggregation);
            }
        }
    }

    /// <inheritdoc/>
    public void OnMatched(SchemeRun scheme, SessionTarget target, Engine.Regions.AddressRange range, ulong reachableBytes)
    {
        if (scheme is { IsMeasured: true, Description.Mode: SchemeMode.Observe } && target.Group is { } pod)
        {
            var effects = _effects.GetValueOrDefault(pod);
            _effects[pod] = effects with { WouldApplyBytes = effects.WouldApplyBytes + reachableBytes };
        }
    }

    /// <summary>Takes in what was done since the last time. Also before a session ends.</summary>
    public void Take(MonitoringSession session)
    {
        foreach (var target in session.Targets)
        {
            _taken.TryAdd(target, (0, 0));
        }

        _ended.Clear();
        foreach (var (target, taken) in _taken)
        {
            if (target.Group is { } pod && (target.AppliedBytes > taken.Applied || target.RefaultBytes > taken.Refaults))
            {
                var effects = _effects.GetValueOrDefault(pod);
                _effects[pod] = effects with
                {
                    AppliedBytes = effects.AppliedBytes + target.AppliedBytes - taken.Applied,
                    RefaultBytes = effects.RefaultBytes + target.RefaultBytes - taken.Refaults,
                };
                _taken[target] = (target.AppliedBytes, target.RefaultBytes);
            }

            if (target.State != TargetState.Active)
            {
                _ended.Add(target);
            }
        }

        foreach (var target in _ended)
        {
            _taken.Remove(target);
        }
    }

    /// <summary>Takes in what the kernel did to a pod by itself.</summary>
    public void AddApplied(string podUid, ulong bytes)
    {
        var effects = _effects.GetValueOrDefault(podUid);
        _effects[podUid] = effects with { AppliedBytes = effects.AppliedBytes + bytes };
    }

    /// <summary>The session has ended, and its targets with it.</summary>
    public void EndSession() => _taken.Clear();

    /// <summary>The sums of a pod.</summary>
    public SchemeEffects EffectsOf(string podUid) => _effects.GetValueOrDefault(podUid);

    /// <summary>Forgets pods that are not followed any more.</summary>
    public void Keep(IReadOnlyDictionary<string, FollowedPod> pods)
    {
        foreach (var uid in _effects.Keys.Where(uid => !pods.ContainsKey(uid)).ToList())
        {
            _effects.Remove(uid);
        }
    }
}
