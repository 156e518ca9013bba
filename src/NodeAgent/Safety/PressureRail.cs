using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Holds actions back while the machine, or a pod, is short of memory: pressure stall information says that some task waited for memory in more than 1 % of the last 10 s, or 0.5 % of the last minute.
/// After that it wants two minutes of calm, and allows half of the budget for another two.
/// </summary>
public sealed class PressureRail
{
    private readonly PressureGauge _memory;
    private readonly TimeProvider _time;
    private readonly SafetyLimits _limits;
    private readonly RailLatch _latch = new();
    private SafetyRail? _last;
    private string _reason = "";

    /// <summary>The machine's rail with its default limits.</summary>
    /// <param name="host">The host.</param>
    /// <param name="time">The clock.</param>
    /// <param name="acceptsUnmeasurable">Whether a machine without pressure information may be acted on all the same.</param>
    public PressureRail(HostRoot host, TimeProvider time, bool acceptsUnmeasurable)
        : this(new PressureGauge(host, "/proc/pressure/memory", new HostReader(maxBytes: 4096), time), time) =>
        _limits = SafetyLimits.Default with { AcceptsUnmeasurable = acceptsUnmeasurable };

    internal PressureRail(PressureGauge memory, TimeProvider time)
    {
        _memory = memory;
        _time = time;
        _limits = SafetyLimits.Default;
    }

    /// <summary>How often it began to hold.</summary>
    public ulong Trips { get; private set; }

    /// <summary>Which rail holds now; nothing where actions may go on.</summary>
    public SafetyRail? Check() => Check(_limits).Rail;

    internal RailState Check(SafetyLimits limits)
    {
        var state = Judge(limits);
        Trips += state.Rail is not null && _last is null ? 1UL : 0;
        _last = state.Rail;
        return state;
    }

    private RailState Judge(SafetyLimits limits)
    {
        if (!_memory.TryRead(out var pressure))
        {
            _latch.Extend(_time);
            return Unmeasurable.Judge(limits, _memory.Path, _memory.Error);
        }

        var some = pressure.Some;
        var isOver = some.Average10Percent > limits.MemorySomeAverage10Percent || some.Average60Percent > limits.MemorySomeAverage60Percent;
        if (_latch.Update(isOver, limits.Calm, _time))
        {
            _reason = $"{_memory.Path}: some task waited for memory in {some.Average10Percent} % of the last 10 s and {some.Average60Percent} % of the last minute";
        }

        return _latch.IsHolding ? RailState.Held(SafetyRail.Pressure, _reason)
            : _latch.BudgetFactor < 1 ? new RailState(null, _latch.BudgetFactor, _reason)
            : RailState.Clear;
    }
}
