using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Stops everything on a pod or on the node, and lets an hour pass after it was last seen: a process was killed for want of memory, all processes waited for memory at once (PSI full), or the node has
/// the condition MemoryPressure.
/// </summary>
/// <param name="rail">By which name: the pod's or the node's.</param>
/// <param name="memory">The pressure of the pod or the machine.</param>
/// <param name="kills">The pod's kills; null for the node, on which a kill in one pod says nothing about others.</param>
/// <param name="time">The clock.</param>
internal sealed class EmergencyRail(SafetyRail rail, PressureGauge memory, OomKills? kills, TimeProvider time)
{
    private readonly RailLatch _latch = new();
    private string _reason = "";

    /// <summary>Looks.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="hasMemoryPressureCondition">Whether the node has the condition MemoryPressure.</param>
    public RailState Check(SafetyLimits limits, bool hasMemoryPressureCondition)
    {
        var unmeasurable = RailState.Clear;
        ulong killed = 0;
        if (kills is not null && kills.Read(out killed) is var read && read != HostErrorKind.None)
        {
            unmeasurable = Unmeasurable.Judge(limits, kills.Path, read);
        }

        var isSeen = memory.TryRead(out var pressure);
        if (!isSeen)
        {
            unmeasurable = Unmeasurable.Judge(limits, memory.Path, memory.Error);
        }

        // What is seen to be an emergency is one, whatever cannot be seen beside it.
        var isFull = isSeen && pressure.Full.Average10Percent > limits.MemoryFullAverage10Percent;
        if (_latch.Update(killed > 0 || hasMemoryPressureCondition || isFull, limits.EmergencyCoolDown, time))
        {
            _reason = killed > 0 ? $"{killed} of its processes were killed for want of memory"
                : hasMemoryPressureCondition ? "the node has the condition MemoryPressure"
                : $"{memory.Path}: all tasks waited for memory in {pressure.Full.Average10Percent} % of the last 10 s";
        }

        return _latch.IsHolding ? RailState.Held(rail, _reason)
            : unmeasurable.Rail is not null ? unmeasurable
            : _latch.BudgetFactor < 1 ? new RailState(null, _latch.BudgetFactor, _reason)
            : RailState.Clear;
    }
}
