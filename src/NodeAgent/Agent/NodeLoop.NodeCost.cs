using Damon.Engine.Monitoring;
using Damon.NodeAgent.Metrics;
using Damon.NodeAgent.Safety;

namespace Damon.NodeAgent.Agent;

/// <content>What looking at all of physical memory costs: the kernel's thread is held to the same ceiling as the agent, by itself.</content>
internal sealed partial class NodeLoop
{
    private const string NodeSessionName = "node";

    /// <summary>What was shed is tried again after this: what it cost then may have been the machine's start.</summary>
    private static readonly TimeSpan NodeAgainAfter = TimeSpan.FromMinutes(10);

    private CostGovernor? _nodeCost;
    private double _nodeCeiling;
    private double _nodeStretch = 1;
    private long? _nodeShedAt;
    private TimeSpan? _nodeCpu;
    private long _nodeCpuAt;
    private TimeSpan _nodeCpuTotal;
    private ulong _nodeRestarts;

    /// <summary>Share of one CPU of the kernel's thread, since it was last governed.</summary>
    private (TimeSpan Spent, TimeSpan Over) _nodeSpent;

    private bool IsNodeShed => _nodeShedAt is not null;

    /// <summary>Only powers of two: each change is a commit that takes back what was granted.</summary>
    private static double PowerOfTwo(double stretch) => stretch <= 1 ? 1 : Math.Pow(2, Math.Ceiling(Math.Log2(stretch) - 1e-9));

    private MonitoringIntervals Stretched(MonitoringIntervals intervals)
    {
        var most = Math.Max(1, LongestNodeGrant / intervals.Aggregation);
        return _nodeStretch <= 1 ? intervals : intervals.WithSample(intervals.Sample * Math.Min(_nodeStretch, most));
    }

    /// <summary>Takes a reading of the thread's CPU time in; null where the thread ends.</summary>
    private void TakeNodeCpu(RoundReport? report)
    {
        if (report?.KdamondCpuTime is { } now && report.CpuReadAt != _nodeCpuAt)
        {
            // Less than before is another thread's.
            var spent = _nodeCpu is { } before && now >= before ? now - before : now;
            _nodeCpuTotal += spent;
            _nodeSpent = _nodeCpu is null ? default : (_nodeSpent.Spent + spent, _nodeSpent.Over + _time.GetElapsedTime(_nodeCpuAt, report.CpuReadAt));
            (_nodeCpu, _nodeCpuAt) = (now, report.CpuReadAt);
        }
        else if (report is null)
        {
            (_nodeCpu, _nodeSpent) = (null, default);
        }
    }

    private void GovernNode()
    {
        if (_nodePlan is not { } plan)
        {
            (_nodeCost, _nodeStretch, _nodeShedAt) = (null, 1, null);
            return;
        }

        if (IsNodeShed)
        {
            if (_time.GetElapsedTime(_nodeShedAt!.Value) >= NodeAgainAfter || _nodeCeiling != CpuCeiling)
            {
                (_nodeCost, _nodeShedAt, _isDirty) = (null, null, true);
            }

            return;
        }

        if (_nodeSpent.Over <= TimeSpan.Zero)
        {
            return;
        }

        if (_nodeCost is null || _nodeCeiling != CpuCeiling)
        {
            _nodeCeiling = CpuCeiling;
            _nodeCost = new CostGovernor(_time, new CostCeilings(_nodeCeiling, 1e12, Math.Max(1, LongestNodeGrant / plan.Intervals.Aggregation * _nodeStretch)));
        }

        var share = _nodeSpent.Spent / _nodeSpent.Over;
        _nodeSpent = default;
        var decision = _nodeCost.Decide(share, 0, [new SessionCost(NodeSessionName, share, 0)], []);
        if (decision.Shed.Count > 0)
        {
            _nodeShedAt = _time.GetTimestamp();
            EndNode();
        }

        var stretch = PowerOfTwo(decision.Stretch);
        _isDirty |= stretch != _nodeStretch;
        _nodeStretch = stretch;
    }

    private NodeFigures? FiguresOfNode() => _nodePlan is null ? null : new NodeFigures
    {
        Intervals = _nodeReport?.Intervals,
        Stretch = _nodeStretch,
        KernelCpuTime = _nodeCpuTotal,
        Restarts = _nodeRestarts + (_nodeReport?.Restarts ?? 0),
    };
}
