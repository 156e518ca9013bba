using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// Holds a pod's memory back that comes back soon after it was reclaimed: then it was not cold, or cold for too short a time. Each trip halves the pod's budget, three that are not made good stop it.
/// </summary>
/// <remarks>
/// A page that came back is a refault of the kernel's working-set detection (workingset_refault_anon and _file of memory.stat, in pages). The kernel does not say who reclaimed it; where it reclaims
/// itself, from a pod that is short of memory, the rail trips on that too, and rightly. What was reclaimed is what our own actions measured. The limit in percent of the working set per minute is the
/// promotion rate of cold-memory systems (Lagar-Cavilla et al., Software-Defined Far Memory, ASPLOS 2019: 0.2 %).
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="pageBytes">The machine's page size.</param>
internal sealed class RefaultRail(TimeProvider time, ulong pageBytes)
{
    private const int Parts = 20;

    /// <summary>A rate per minute is not concluded from less than a minute.</summary>
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly CounterWindow _window = new(time, Parts);
    private long _lastTrip;
    private int _outstanding;
    private string _reason = "";

    /// <summary>How often it tripped, made good or not.</summary>
    public ulong Trips { get; private set; }

    /// <summary>Takes the counters into account.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="stat">The pod's memory.stat.</param>
    /// <param name="reclaimedBytes">What our actions took from the pod so far, as measured.</param>
    /// <param name="workingSetBytes">The pod's working set.</param>
    /// <returns>The state; null where the kernel counts no refaults.</returns>
    public RailState? Update(SafetyLimits limits, in CgroupMemoryStat stat, ulong reclaimedBytes, ulong workingSetBytes)
    {
        if (!stat.HasRefaults)
        {
            return null;
        }

        _window.Add(reclaimedBytes, stat.RefaultsAnon + stat.RefaultsFile, limits.RefaultWindow);
        var reclaimed = _window.FirstGrowth;
        if (_outstanding < limits.RefaultTripsToStop && reclaimed >= limits.RefaultMinReclaimedBytes)
        {
            var returned = (double)_window.SecondGrowth * pageBytes;
            var share = 100 * returned / reclaimed;
            var minutes = _window.Elapsed < Minute ? 1 : _window.Elapsed / Minute;
            var rate = workingSetBytes == 0 ? 0 : 100 * returned / workingSetBytes / minutes;
            if (share > limits.RefaultPercent || rate > limits.PromotionPercentPerMinute)
            {
                Trip(limits, share, rate);
            }
        }

        if (_outstanding > 0 && _outstanding < limits.RefaultTripsToStop && time.GetElapsedTime(_lastTrip) >= limits.RefaultForgiveAfter)
        {
            _outstanding--;
            _lastTrip = time.GetTimestamp();
        }

        return State(limits);
    }

    /// <summary>What it says without a new reading.</summary>
    public RailState State(SafetyLimits limits) =>
        _outstanding >= limits.RefaultTripsToStop ? RailState.Held(SafetyRail.Refault, _reason)
        : _outstanding > 0 ? new RailState(null, Math.ScaleB(1, -_outstanding), _reason)
        : RailState.Clear;

    /// <summary>Forgets the trips: the plan for this pod is another one now.</summary>
    public void Lift() => _outstanding = 0;

    private void Trip(SafetyLimits limits, double sharePercent, double ratePercent)
    {
        Trips++;
        _outstanding++;
        _lastTrip = time.GetTimestamp();
        _reason = $"of what was reclaimed {sharePercent:0.##} % came back, {ratePercent:0.###} % of the working set a minute (trip {_outstanding} of {limits.RefaultTripsToStop})";

        // The next trip needs evidence of its own.
        _window.Restart();
    }
}
