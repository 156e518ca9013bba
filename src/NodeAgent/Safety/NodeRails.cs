using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>The rails of the node as a whole.</summary>
internal sealed class NodeRails : IDisposable
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly PressureGauge _memory;
    private readonly PressureRail _pressureRail;
    private readonly EmergencyRail _emergencyRail;
    private readonly SwapRail _swapRail;
    private readonly PlanAgeRail _plan;
    private readonly RailSlot _pressure, _emergency, _swap, _planSlot;
    private long? _refreshedAt;

    public NodeRails(HostRoot host, TimeProvider time, HostReader reader, ulong pageBytes, RailLog log, PlanAgeRail plan, SafetyLimits limits)
    {
        (_time, _plan, Limits) = (time, plan, limits);
        _memory = new PressureGauge(host, "/proc/pressure/memory", reader, time);
        _pressureRail = new PressureRail(_memory, time);
        _emergencyRail = new EmergencyRail(SafetyRail.NodeEmergency, _memory, kills: null, time);
        _swapRail = new SwapRail(host, pageBytes, reader, time);
        _pressure = new RailSlot("", log);
        _emergency = new RailSlot("", log);
        _swap = new RailSlot("", log);
        _planSlot = new RailSlot("", log);
    }

    /// <summary>The limits of the cluster's configuration.</summary>
    public SafetyLimits Limits { get; set; }

    /// <summary>Whether the node has the condition MemoryPressure.</summary>
    public bool HasMemoryPressureCondition { get; set; }

    /// <summary>Anonymous memory that our actions brought to swap so far, as measured.</summary>
    public ulong OwnSwappedBytes { get; set; }

    public RailState Emergency => _emergency.State;

    public RailState Pressure => _pressure.State;

    public RailState Swap => _swap.State;

    public RailState Plan => _planSlot.State;

    public void Refresh()
    {
        // The mode is not a reading: Off holds at once.
        var now = _time.GetTimestamp();
        var since = _refreshedAt is { } at ? _time.GetElapsedTime(at, now) : TimeSpan.Zero;
        var plan = _plan.Check(Limits);
        if (_refreshedAt is not null && since < RefreshEvery && plan.Rail == _planSlot.State.Rail)
        {
            return;
        }

        _refreshedAt = now;
        _planSlot.Set(plan, since);
        _emergency.Set(_emergencyRail.Check(Limits, HasMemoryPressureCondition), since);
        _pressure.Set(_pressureRail.Check(Limits), since);
        _swap.Set(_swapRail.Check(Limits, OwnSwappedBytes), since);
    }

    public void Dispose()
    {
        _memory.Dispose();
        _swapRail.Dispose();
    }
}
