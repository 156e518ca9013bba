namespace Damon.NodeAgent.Safety;

/// <summary>Holds actions on a pod back whose processes wait for disks: what was paged out comes back from there, so paging out more would make it worse.</summary>
/// <param name="io">The pod's <c>io.pressure</c>.</param>
/// <param name="time">The clock.</param>
internal sealed class IoPressureRail(PressureGauge io, TimeProvider time)
{
    private readonly RailLatch _latch = new();
    private string _reason = "";

    public RailState Check(SafetyLimits limits)
    {
        if (!io.TryRead(out var pressure))
        {
            _latch.Extend(time);
            return Unmeasurable.Judge(limits, io.Path, io.Error);
        }

        if (_latch.Update(pressure.Some.Average10Percent > limits.IoSomeAverage10Percent, limits.Calm, time))
        {
            _reason = $"{io.Path}: some task waited for a disk in {pressure.Some.Average10Percent} % of the last 10 s";
        }

        return _latch.IsHolding ? RailState.Held(SafetyRail.IoPressure, _reason)
            : _latch.BudgetFactor < 1 ? new RailState(null, _latch.BudgetFactor, _reason)
            : RailState.Clear;
    }
}
