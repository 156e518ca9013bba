using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <summary>A session that looks at memory itself.</summary>
internal sealed class SampledDriver : SessionDriver
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    /// <summary>The first passes also compile the code.</summary>
    private const int WarmUpPasses = 3;

    private readonly TimeProvider _time;
    private readonly TargetOpener _opener;
    private readonly FaultBook _faults;
    private readonly Dictionary<int, (ProcessIdentity Process, SessionTarget Target)> _targets = [];
    private readonly List<int> _left = [];
    private bool _isSampling;
    private long _begunAt;
    private ulong _probes;
    private int _passes;
    private double _probeTicks;

    /// <summary>A session without targets.</summary>
    public SampledDriver(
        MonitoringPlan plan, IRegionPolicy policy, RandomSource random, TimeProvider time, TimeProvider costClock, TargetOpener opener, FaultBook faults, ISystemMemory machine, ISessionObserver? observer = null,
        IProbeRunner? runner = null)
    {
        (_time, _opener, _faults) = (time, opener, faults);
        WantedSample = plan.Intervals.Sample;
        Session = new MonitoringSession(plan, policy, random, costClock, observer, machine, runner);
    }

    /// <inheritdoc/>
    public override MonitoringSession Session { get; }

    /// <inheritdoc/>
    public override ulong Probes => _probes;

    /// <inheritdoc/>
    public override TimeSpan? ProbeCost => _passes > WarmUpPasses && _probeTicks > 0 ? TimeSpan.FromTicks((long)Math.Ceiling(_probeTicks)) : null;

    /// <inheritdoc/>
    public override bool Has(ProcessIdentity process) => _targets.TryGetValue(process.Pid, out var known) && known.Process == process;

    /// <inheritdoc/>
    public override HostError? Add(DrivenTarget target)
    {
        var process = target.Process;
        var probe = _opener.OpenProbe(process, target.Group);
        if (!probe.IsOk)
        {
            return probe.Error;
        }

        var actor = _opener.OpenActor(process, target.Group, target.ReclaimFrom);
        if (!actor.IsOk)
        {
            probe.Value.Dispose();
            return actor.Error;
        }

        var isolated = new IsolatedProbe(probe.Value, target.Container.Memory.RuntimeId, _faults);
        _targets[process.Pid] = (process, Session.AddTarget(process.Pid, isolated, target.Guard(actor.Value), target.Group, target.Container.Schemes));
        Budget(target);
        return null;
    }

    /// <inheritdoc/>
    public override void Remove(ProcessIdentity process, string reason)
    {
        if (Has(process))
        {
            _targets.Remove(process.Pid);
            Session.RemoveTarget(process.Pid, reason);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PlanError> Commit(MonitoringPlan plan)
    {
        // What was cleared for this interval is cleared again for the next one.
        Abandon();
        return Session.Commit(plan);
    }

    /// <inheritdoc/>
    public override TimeSpan Turn()
    {
        if (Session.Targets.Count == 0)
        {
            Abandon();
            return Idle;
        }

        if (_isSampling)
        {
            var left = Session.Intervals.Sample - _time.GetElapsedTime(_begunAt);
            if (left > TimeSpan.Zero)
            {
                return left;
            }

            _isSampling = false;
            var aggregated = Session.EndSample();
            NoteCost();
            SamplePace.Follow(Session, WantedSample, aggregated);
        }

        Session.BeginSample();

        // From here, not from before: clearing takes time too, and where it takes long nothing but what is left of the interval would be observed, and look cold.
        (_isSampling, _begunAt) = (true, _time.GetTimestamp());
        return Session.Intervals.Sample;
    }

    /// <inheritdoc/>
    public override void TakeEnded(ICollection<EndedProcess> ended)
    {
        _left.Clear();
        foreach (var (pid, (process, target)) in _targets)
        {
            if (target.State != TargetState.Active)
            {
                _left.Add(pid);
                ended.Add(new EndedProcess(process, target.State, target.Reason));
            }
        }

        foreach (var pid in _left)
        {
            _targets.Remove(pid);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Abandon();
        Session.Dispose();
    }

    private void Abandon()
    {
        if (_isSampling)
        {
            _isSampling = false;
            Session.AbandonSample();
        }
    }

    private void NoteCost()
    {
        var regions = Session.RegionCount;
        _probes += (ulong)regions;
        if (++_passes <= WarmUpPasses || regions == 0)
        {
            return;
        }

        // A page fault or a collection in one pass says nothing about the next ones.
        var ticks = (double)Session.LastPassCost.Ticks / regions;
        _probeTicks = _probeTicks <= 0 ? ticks : (0.1 * Math.Min(ticks, _probeTicks * 2)) + (0.9 * _probeTicks);
    }
}
