using Damon.Engine.Host;
using Damon.Engine.KernelDamon;
using Damon.Engine.Machine;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Agent;

/// <summary>The schemes of the node as the kernel carries them out. For the one thread that talks to the kernel: every call blocks for as long as the kernel does.</summary>
/// <param name="host">The host.</param>
/// <param name="time">The clock.</param>
/// <param name="kernel">The place among the agent's kdamonds.</param>
/// <param name="pageBytes">The size of a page.</param>
/// <param name="hold">Says at any moment, on any thread, what keeps all of them from acting; empty where nothing does.</param>
internal sealed class NodeSession(HostRoot host, TimeProvider time, IKernelInterface kernel, ulong pageBytes, Func<string> hold)
{
    /// <summary>Groups that vanish while the kernel is told of them make it refuse all of it; so many times in a row it is somebody who makes and removes them.</summary>
    private const int MaxVanished = 3;

    private static readonly TimeSpan CpuEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShallowFor = TimeSpan.FromMinutes(1);

    private readonly NodeTargetScope _scope = new(host, time, pageBytes);
    private readonly NodeReturns _returns = new(host, time, pageBytes);
    private readonly KernelThreadClock _cpu = new(host);
    private readonly List<CgroupEffect> _effects = [];
    private readonly List<NodeEffect> _untold = [];
    private IKdamond? _kdamond;
    private KernelEnforcer? _enforcer;
    private KernelEnforcementPlan? _plan;
    private int _vanished;
    private long _shallowAt;
    private TimeSpan? _cpuTime;
    private long _cpuAt;

    /// <summary>One round: takes the kernel where that is still to be done, puts the plan in force, takes back what was granted, measures, and grants anew.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="targets">Whose memory may be acted on.</param>
    public RoundReport Round(KernelEnforcementPlan plan, NodeTargets targets)
    {
        if (_kdamond is null)
        {
            var taken = kernel.Take();
            if (!taken.TryGet(out _kdamond))
            {
                return new RoundReport { Outcome = new KernelOutcome(KernelOutcomeKind.Busy, taken.Error.Detail.Length > 0 ? taken.Error.Detail : taken.Error.ToString()) };
            }
        }

        _scope.Targets = targets;
        _scope.IsShallow = _vanished >= MaxVanished && time.GetElapsedTime(_shallowAt) < ShallowFor;
        var granted = _scope.Owners;
        var outcome = Carry(_kdamond, plan);
        if (outcome.Kind == KernelOutcomeKind.TargetVanished)
        {
            _vanished++;
            _shallowAt = time.GetTimestamp();
        }
        else if (!_scope.IsShallow)
        {
            _vanished = 0;
        }

        _returns.Refresh();
        return Report(outcome, granted);
    }

    /// <summary>What the last reports have told of has arrived.</summary>
    public void ForgetEffects() => _untold.Clear();

    /// <summary>Takes back what was granted, turns the kdamond off and gives the kernel back.</summary>
    public RoundReport End()
    {
        if (_kdamond is null)
        {
            return new RoundReport { Outcome = KernelOutcome.Done, Effects = [.. _untold] };
        }

        var stopped = _enforcer?.Stop() ?? KernelOutcome.Done;
        var released = kernel.Release();
        var effects = _enforcer is { } enforcer ? TakeEffects(enforcer, _scope.Owners) : [.. _untold];
        (_kdamond, _enforcer) = (null, null);
        return new RoundReport { Outcome = stopped.IsDone ? released : stopped, Effects = effects };
    }

    private KernelOutcome Carry(IKdamond kdamond, KernelEnforcementPlan plan)
    {
        var outcome = KernelOutcome.Done;
        if (_enforcer is null)
        {
            _enforcer = new KernelEnforcer(kdamond, _scope, plan, new CgroupEffectMeter(host), _cpu, new HostSystemMemory(host), hold, time);
            outcome = _enforcer.Start();
        }
        else
        {
            if (!ReferenceEquals(plan, _plan))
            {
                outcome = _enforcer.Replan(plan);
            }

            if (outcome.IsDone && _scope.HasShrunk)
            {
                outcome = _enforcer.Rest();
            }
        }

        _plan = outcome.IsDone ? plan : _plan;
        return outcome.IsDone ? _enforcer.Step() : outcome;
    }

    /// <summary>Tells what was done and how everything is.</summary>
    /// <param name="outcome">What the kernel answered.</param>
    /// <param name="granted">Whose the groups were to which the measured grants were given: in the look after it they may be nobody's.</param>
    private RoundReport Report(KernelOutcome outcome, IReadOnlyDictionary<string, NodeTarget> granted)
    {
        var enforcer = _enforcer!;
        var effects = TakeEffects(enforcer, granted);
        ReadCpuTime();
        return new RoundReport
        {
            Outcome = outcome,
            IsTaken = true,
            Schemes = [.. enforcer.Schemes.Select(StatusOf)],
            Effects = effects,
            GrantedLeavingBytes = enforcer.GrantedLeavingBytes,
            Intervals = enforcer.Intervals,
            Interval = enforcer.Interval,
            KdamondCpuTime = _cpuTime,
            CpuReadAt = _cpuAt,
            Restarts = enforcer.Restarts,
        };
    }

    private List<NodeEffect> TakeEffects(KernelEnforcer enforcer, IReadOnlyDictionary<string, NodeTarget> granted)
    {
        _effects.Clear();
        enforcer.TakeEffects(_effects);
        foreach (var effect in _effects)
        {
            if (granted.TryGetValue(effect.Path, out var target) || _scope.Owners.TryGetValue(effect.Path, out target))
            {
                var known = new NodeEffect(effect.Scheme, effect.Action, target.PodUid, target.RuntimeId, effect.SwappedBytes, effect.OtherBytes);
                _untold.Add(known);
                if (effect.Action == SchemeAction.Pageout)
                {
                    _returns.Add(known, target);
                }
            }
        }

        return [.. _untold];
    }

    private NodeSchemeStatus StatusOf(KernelSchemeStatus status)
    {
        var (away, returned) = _returns.Of(status.Description.Name);
        return new NodeSchemeStatus
        {
            Name = status.Description.Name,
            Action = status.Description.Action,
            Reason = status.Reason,
            Message = status.Message,
            HeldBy = status.HeldBy,
            MatchedNowBytes = status.MatchedNowBytes,
            Grants = status.Grants,
            SaidBytes = status.SaidBytes,
            EffectBytes = status.EffectBytes,
            IsMeasured = status.IsMeasured,
            NoEffectGrants = status.NoEffectGrants,
            ExhaustedWindows = status.QuotaExceededWindows,
            AwayBytes = away,
            ReturnedBytes = returned,
        };
    }

    private void ReadCpuTime()
    {
        if (_cpuTime is null || time.GetElapsedTime(_cpuAt) >= CpuEvery)
        {
            _cpuTime = _kdamond!.ReadState().TryGet(out var state) && state.IsOn ? _cpu.Read(state.Pid) : null;
            _cpuAt = time.GetTimestamp();
        }
    }
}
