using Damon.Api.Clusters;
using Damon.Engine.Host;
using Damon.Engine.Machine;
using Damon.Engine.Monitoring;
using Damon.Engine.Schemes;
using Damon.NodeAgent.Heatmaps;
using Damon.NodeAgent.Ledger;
using Damon.NodeAgent.Plans;
using Damon.NodeAgent.Pods;
using Damon.NodeAgent.Safety;
using Damon.NodeAgent.Standalone;

namespace Damon.NodeAgent.Agent;

/// <summary>
/// The agent on a node: one loop on one thread. Again and again it takes what is new, looks for containers, decides from scratch which scheme has which of them, makes the session equal to that, senses, and
/// acts behind the rails. Nothing is remembered that could be decided again, so whatever was missed or failed is put right by the next turn.
/// </summary>
/// <remarks>
/// Nothing here waits but <see cref="Run"/>, which waits between two turns. What others read is <see cref="Snapshot"/>, which never changes once it is there.
/// </remarks>
internal sealed partial class NodeLoop : IDisposable
{
    private static readonly TimeSpan RailsEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GovernEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PublishEvery = TimeSpan.FromSeconds(1);

    /// <summary>What was decided because of news is told sooner, and not more often than this however much news there is.</summary>
    private static readonly TimeSpan PublishSoonest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ResidentEvery = TimeSpan.FromSeconds(10);

    /// <summary>What the loop does beside sensing is stretched with the intervals where the ceilings are tight, and no further than this: a process is then found within ten seconds.</summary>
    private const double MostHousekeepingStretch = 5;

    /// <summary>A session that has failed is made anew after this.</summary>
    private static readonly TimeSpan RebuildAfter = TimeSpan.FromSeconds(10);

    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly NodeLoopOptions _options;
    private readonly IAgentInputs _inputs;
    private readonly INodeBackends _backends;
    private readonly IAgentLog _log;
    private readonly ChangeLedger? _ledger;
    private readonly IChangeUndo? _undo;
    private readonly PlanStore? _store;
    private readonly PlanIntake _intake;
    private readonly PlanAgeRail _planAge;
    private readonly ContainerFinder _finder;
    private readonly FaultBook _faults;
    private readonly ReclaimCeiling _reclaim;
    private readonly ActionGate _gate;
    private readonly StallGuard? _stalls;
    private readonly TimeProvider _costClock;
    private readonly RailBook _rails;
    private readonly HostSystemMemory _machine;
    private readonly HostReader _reader = new(maxBytes: 64 * 1024);
    private readonly List<RailTransition> _newTransitions = [];
    private readonly Queue<RailTransition> _transitions = [];

    private IReadOnlyCollection<PodRecord> _pods = [];
    private ClusterRules? _rules;
    private SafetyLimits _limits = SafetyLimits.Default;
    private ProtectionRules _protection = new();
    private SessionDriver? _driver;
    private MonitoringBackend? _backend;
    private BackendDecision _backendDecision;
    private long? _driverFailedAt;
    private string _driverFailure = "";
    private bool _isDirty = true;
    private bool _hasNewsToTell;
    private bool _isStopped;
    private bool _isPaused;
    private ulong _transitionCount;
    private long? _lookedAt, _railsAt, _governedAt, _publishedAt, _residentAt;
    private AgentSnapshot _snapshot = AgentSnapshot.Empty;

    /// <summary>Makes a loop; nothing is read or done yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="inputs">What comes from elsewhere.</param>
    /// <param name="backends">What the node can sense and act with.</param>
    /// <param name="log">Where it tells what people should know.</param>
    /// <param name="ledger">Where changes are written down that can be put back; null where there is none, and then nothing of that kind is done.</param>
    /// <param name="undo">What puts them back; needed with a ledger.</param>
    /// <param name="store">Keeps the last good plan on disk; null for nothing.</param>
    public NodeLoop(
        HostRoot host,
        TimeProvider time,
        NodeLoopOptions options,
        IAgentInputs inputs,
        INodeBackends backends,
        IAgentLog log,
        ChangeLedger? ledger = null,
        IChangeUndo? undo = null,
        PlanStore? store = null)
    {
        if (ledger is not null && undo is null)
        {
            throw new ArgumentException("What is written down to be put back needs something that puts it back.", nameof(undo));
        }

        (_host, _time, _options, _inputs, _backends, _log, _ledger, _undo, _store) = (host, time, options, inputs, backends, log, ledger, undo, store);
        _intake = new PlanIntake(time, options.NodeName);
        _planAge = new PlanAgeRail(time, ageAtStart: null);
        _finder = new ContainerFinder(host, time, options.Finder);
        _faults = new FaultBook(time, log);
        _reclaim = new ReclaimCeiling(time);
        _gate = new ActionGate(inputs, backends, ledger, _reclaim, _faults);
        _stalls = options.GuardsAgainstStalls ? new StallGuard(time) : null;
        _costClock = options.CostClock ?? (_stalls is null ? new ThreadCpuClock() : new CallCpuClock(_stalls));
        _heatmaps = new PodHeatmaps(time);
        _book = new PodBook(_heatmaps) { ContainerOf = pid => _byPid.GetValueOrDefault(pid) };
        _startedAt = time.GetUtcNow();
        _rails = new RailBook(host, time, (ulong)backends.Facts.PageSizeBytes, _planAge, _limits, _stalls) { ReclaimSparesAnonymous = backends.Facts.ReclaimTakesSwappiness };
        _machine = new HostSystemMemory(host);
    }

    /// <summary>How everything is, at most about a second old, or five where the ceilings are tight. For all threads.</summary>
    public AgentSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>The session, for tests of the loop's laws; null where there is none.</summary>
    internal MonitoringSession? Session => _driver?.Session;

    /// <summary>What senses, for tests that wait for the kernel; null where there is none.</summary>
    internal SessionDriver? Driver => _driver;

    /// <summary>Runs until it is cancelled, and puts back what can be put back.</summary>
    /// <param name="cancellation">Ends it at any moment.</param>
    public void Run(CancellationToken cancellation)
    {
        using var waiter = new IntervalWaiter(_time, cancellation, _inputs.Changed);
        try
        {
            Start();
            while (waiter.WaitUntil(_time.GetTimestamp(), Turn()))
            {
                // Woken, or something is due.
            }
        }
        finally
        {
            Stop();
        }
    }

    /// <summary>Takes up what the disk has, and puts back what a predecessor owes.</summary>
    public void Start()
    {
        Carefully("taking up the kept plan", () =>
        {
            if (_store is not null && _store.Load().TryGet(out var stored))
            {
                _intake.Restore(stored);
                if (_intake.Contact.Silence < TimeSpan.MaxValue)
                {
                    _planAge.Restore(_intake.Contact.Silence);
                }
            }
        });
        Carefully("putting back what a predecessor owes", () =>
        {
            if (_ledger is { IsDamaged: true })
            {
                _log.Info("the ledger of changes is damaged: something may be owed that nobody knows of");
            }

            Undo(LedgerScope.All, "the agent was started");
        });
    }

    /// <summary>Does what is due now. Never throws: what fails is counted and told, and tried again.</summary>
    /// <returns>For how long nothing is due, if nothing comes in.</returns>
    public TimeSpan Turn()
    {
        Volatile.Write(ref _lastTurn, _time.GetTimestamp());
        Carefully("taking news", TakeNews);
        Carefully("handing over late calls", () => _stalls?.Tend());

        // A stretch that a session left behind that is no more says nothing; one at which everything was shed does.
        var housekeeping = _driver is SampledDriver || _costDecision.Shed.Count > 0 ? Math.Clamp(_costDecision.Stretch, 1, MostHousekeepingStretch) : 1;
        var lookEvery = _options.LookEvery * housekeeping;
        if (_isDirty || IsDue(_lookedAt, lookEvery))
        {
            _hasNewsToTell |= _isDirty;
            _gate.IsBlind = !Carefully("deciding what is to be done", Reconcile);
        }

        // Without a plan there is nothing to hold, and that nobody was heard yet is no event.
        // Where nothing is enforced they only tell what they would hold.
        if (_intake.Plan.IsKnown && IsDue(_railsAt, _enforced.Count > 0 ? RailsEvery : RailsEvery * housekeeping))
        {
            Carefully("reading the rails", TendRails);
        }

        var wait = Sooner(Sense(), SenseNode());
        if (IsDue(_governedAt, GovernEvery))
        {
            Carefully("keeping to the ceilings", Govern);
        }

        var publishEvery = PublishEvery * housekeeping;
        var tellEvery = _hasNewsToTell ? PublishSoonest : publishEvery;
        if (IsDue(_publishedAt, tellEvery))
        {
            _hasNewsToTell = false;
            tellEvery = publishEvery;
            Carefully("summing up", Publish);
        }

        wait = Sooner(wait, Until(_lookedAt, lookEvery));
        wait = Sooner(wait, Until(_publishedAt, tellEvery));
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Ends everything: nothing is done any more, and what can be put back is.</summary>
    public void Stop()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        _gate.IsClosed = true;
        Carefully("handing over late calls", () => _stalls?.Tend());
        Carefully("ending the schemes of the node", EndNode);
        Carefully("putting back what is owed", () => Undo(LedgerScope.All, "the agent stops"));
        Carefully("ending the session", DropDriver);
        Carefully("ending the schemes of the node", AwaitNodeEndings);
        Carefully("summing up", Publish);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _rails.Dispose();
        _stalls?.Dispose();
    }

    private static TimeSpan Sooner(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>No exception ends the loop: one that comes this far is a bug, and what it was about is done again in the next turn.</summary>
    private bool Carefully(string what, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e)
        {
            _faults.Add(what, e);
            return false;
        }
    }

    private bool IsDue(long? last, TimeSpan every) => Until(last, every) <= TimeSpan.Zero;

    private TimeSpan Until(long? last, TimeSpan every) => last is { } at ? every - _time.GetElapsedTime(at) : TimeSpan.Zero;

    private void TakeNews()
    {
        var news = _inputs.Take();
        if (news.Node.IsKnown)
        {
            _isDirty |= news.Node.IsPresent ? _intake.TakeNode(news.Node.Json) : _intake.TakeNodeAbsent();
        }

        if (news.Config.IsKnown)
        {
            _isDirty |= news.Config.IsPresent ? _intake.TakeConfig(news.Config.Json) : _intake.TakeConfigAbsent();
        }

        if (news.IsHeard)
        {
            _intake.Heard();
            _planAge.Contact();
        }

        if (news.Pods is { } pods)
        {
            (_pods, _isDirty) = (pods, true);
        }

        if (news.HasMemoryPressure is { } pressure)
        {
            _rails.Node.HasMemoryPressureCondition = pressure;
        }

        if (news.IsPaused is { } paused)
        {
            (_isPaused, _isDirty) = (paused, true);
        }

        if (!ReferenceEquals(_rules, _intake.Rules))
        {
            _rules = _intake.Rules;
            _limits = SafetySettings.LimitsOf(_rules.Spec.Safety);
            _protection = SafetySettings.ProtectionOf(_rules.Spec, _options.OwnPodUid);
            _rails.Node.Limits = _limits;
            _reclaim.MaxBytes = _rules.Spec.Ceilings.ReclaimPerNode is { } ceiling ? (ulong)ceiling.Bytes : ulong.MaxValue;
            _backends.ExclusiveModules = SafetySettings.ModulesOf(_rules.Spec);
            _cost = null;
            _isDirty = true;
        }

        _planAge.IsOff = _isPaused || _intake.Rules.Mode == ClusterMode.Off || _intake.Plan.Mode == ClusterMode.Off;
        if (_store is not null && _intake.IsStoreDue)
        {
            var kept = _intake.ToStore();
            _intake.Stored(kept, _store.Save(kept).IsOk);
        }
    }

    private TimeSpan Sense()
    {
        if (_driver is not { } driver)
        {
            return PublishEvery;
        }

        try
        {
            var wait = driver.Turn();
            if (driver.Failure.Length == 0)
            {
                return wait;
            }

            _log.Info($"{_backend} cannot sense any more: {driver.Failure}");
            Fail(driver.Failure);
        }
        catch (Exception e)
        {
            _faults.Add("sensing", e);
            Fail("a bug in sensing");
        }

        return PublishEvery;
    }

    private void Fail(string reason)
    {
        (_driverFailedAt, _driverFailure) = (_time.GetTimestamp(), reason);

        // Somebody else may have taken the kernel's DAMON: asked again without a new look it would be tried, and what was learned thrown away, every time.
        _factsAt = null;
        _kernelLostAt = _backend == MonitoringBackend.Kernel ? _time.GetTimestamp() : _kernelLostAt;
        Carefully("ending the session", DropDriver);
        _isDirty = true;
    }

    private void DropDriver()
    {
        TakeReadings();
        var driver = _driver;
        _probesOfEnded += driver?.Probes ?? 0;
        (_driver, _backend, _committed) = (null, null, null);
        _book.EndSession();
        foreach (var entry in _schemes.Where(entry => !IsOfNode(entry)))
        {
            entry.Meter.EndSession();
        }

        foreach (var container in _containers.Values)
        {
            container.Processes.Clear();
        }

        _members.Clear();
        _byPid.Clear();
        driver?.Dispose();
    }

    private void TendRails()
    {
        _railsAt = _time.GetTimestamp();
        _rails.Refresh();
        foreach (var pod in _followedPods.Values)
        {
            var share = 1.0;
            foreach (var container in pod.Containers)
            {
                var answer = _rails.Check(pod.Record.Uid, container.Memory.RuntimeId, ActionOf(container));
                (container.HeldBy, container.HeldReason) = (answer.HeldBy ?? answer.EnforceHeldBy, answer.Reason);
                share = answer.IsAllowed ? Math.Min(share, answer.BudgetFactor) : share;
            }

            if (share != pod.BudgetShare)
            {
                pod.BudgetShare = share;
                Session?.SetBudgetShare(pod.Record.Uid, share);
            }
        }

        _newTransitions.Clear();
        _rails.Log.TakeTransitions(_newTransitions);

        // A trip is told at once, however seldom the rest is.
        _hasNewsToTell |= _newTransitions.Count > 0;
        foreach (var transition in _newTransitions)
        {
            Note(transition);
        }
    }

    private void Note(in RailTransition transition)
    {
        const int MaxShown = 64;
        while (_transitions.Count >= MaxShown)
        {
            _transitions.Dequeue();
        }

        _transitions.Enqueue(transition);
        _transitionCount++;
        if (transition.Kind == RailTransitionKind.Lifted)
        {
            return;
        }

        var uid = transition.PodUid;
        foreach (var scheme in _schemes)
        {
            scheme.Trips += scheme.Containers.Exists(container => uid.Length == 0 || container.Memory.PodUid == uid) ? 1 : 0;
        }
    }

    /// <summary>What is asked about to show whether a container is held: an action that is done to it, or else one that would be.</summary>
    private MemoryAction ActionOf(ServedContainer container)
    {
        MemoryAction action = SchemeAction.Stat;
        foreach (var scheme in _schemes)
        {
            if (scheme.Description is { } description && container.Schemes.Contains(description.Name, StringComparer.Ordinal))
            {
                if (container.Enforcers.ContainsValue(description.Name))
                {
                    return new MemoryAction(description.Action, description.Destinations);
                }

                action = action.Kind == SchemeAction.Stat ? new MemoryAction(description.Action, description.Destinations) : action;
            }
        }

        return action.Kind == SchemeAction.Stat ? NodeActionOf(container) ?? action : action;
    }

    private void Undo(LedgerScope scope, string why)
    {
        if (_ledger is null || _undo is null)
        {
            return;
        }

        var owed = _ledger.OwedChanges.Where(scope.Contains).Select(change => (change.Scheme, change.Pod)).Distinct().ToList();
        if (owed.Count == 0 && scope.Pod is not null)
        {
            return;
        }

        // A call that has not come back may still change something: what it owes is put back when it has.
        var busy = owed.Where(one => _stalls?.Occupied(one.Pod) is not null).ToList();
        foreach (var (scheme, pod) in owed.Except(busy))
        {
            Tell(_ledger.Undo(new LedgerScope(scheme, pod), _undo), why);
        }

        if (busy.Count == 0 && scope.Pod is null)
        {
            Tell(_ledger.Undo(scope, _undo), why);
        }
    }

    private void Tell(UndoReport report, string why)
    {
        if (report.Undone > 0 || report.Owed > 0 || report.Irreversible.Count > 0)
        {
            var rest = string.Join(", ", report.Irreversible.Select(pair => $"{pair.Value} bytes of {pair.Key}"));
            _log.Info($"because {why}: {report.Undone} changes were put back, {report.Owed} are still owed{(rest.Length > 0 ? $"; not taken back: {rest}" : "")}");
        }
    }
}
