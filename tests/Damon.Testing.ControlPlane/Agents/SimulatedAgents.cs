using System.Collections.Concurrent;
using Damon.Api.Nodes;
using Damon.Kubernetes.Controllers;
using Damon.Kubernetes.Informers;
using Damon.Kubernetes.Objects;
using Damon.Kubernetes.Queues;
using Damon.Kubernetes.Requests;
using Damon.Testing.ControlPlane.Servers;

namespace Damon.Testing.ControlPlane.Agents;

/// <summary>
/// Plays the agents of many nodes against a real server: each plan is echoed into its node's status by the rules of the node agent. What differs from a cluster: all nodes share one watch and one
/// connection, where each has its own there, so the server's cost of thousands of watches is not in here; and there is no node below, so states are what the plan says, or what the test says.
/// </summary>
public sealed class SimulatedAgents : IObjectHandler<SimulatedPlan>, IDisposable
{
    private const string FieldManager = "damon-agent";
    private const string Kernel = "6.12.0-simulated";

    private static readonly string[] CapabilityNames =
    [
        "backend/Kernel", "backend/IdlePage", "backend/Referenced", "action/Stat", "action/Pageout", "action/Cold", "action/WillNeed", "action/Collapse", "action/HugePage", "action/NoHugePage",
        "action/LruPrio", "action/LruDeprio", "action/MigrateHot", "action/MigrateCold", "action/Reclaim",
    ];

    private readonly ApiClient _client;
    private readonly SimulatedAgentsOptions _options;
    private readonly IAgentsObserver? _observer;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly WorkQueue<string> _queue;
    private readonly ConcurrentDictionary<string, Agent> _agents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AgentBehaviour> _behaviours = new(StringComparer.Ordinal);
    private readonly Informer<SimulatedPlan> _informer;
    private readonly Lock _chanceLock = new();
    private readonly Engine.Regions.RandomSource _chance;
    private volatile AgentBehaviour _default = new();
    private volatile bool _figuresAge;
    private long _written;
    private long _failed;

    /// <summary>Makes them; nothing is sent until <see cref="RunAsync"/>.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="options">When they write.</param>
    /// <param name="seed">Of the chance in waits.</param>
    /// <param name="observer">Hears of it, or null.</param>
    public SimulatedAgents(ApiClient client, SimulatedAgentsOptions options, ulong seed, IAgentsObserver? observer = null)
    {
        _client = client;
        _options = options;
        _observer = observer;
        _chance = new Engine.Regions.RandomSource(seed);
        // A write that fails is tried again within seconds: the agent's own waits would make tests of faults last minutes.
        _queue = new WorkQueue<string>(new WorkQueueOptions { MaxBackoff = TimeSpan.FromSeconds(5), RetriesPerSecond = 1000, RetryBurst = 1000 }, _time, seed + 1);
        _informer = new Informer<SimulatedPlan>(client, new InformerOptions<SimulatedPlan>(new ObjectQuery(DamonKinds.Nodes), SimulatedPlan.Read), [this], _time, seed + 2);
    }

    /// <summary>Statuses that the server has taken.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Statuses that it has not.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>What is known of the server.</summary>
    public InformerHealth Health => _informer.Health;

    /// <summary>Every plan there is, by node.</summary>
    public IReadOnlyDictionary<string, SimulatedPlan> Plans => _agents.ToDictionary(pair => pair.Key, pair => pair.Value.Plan, StringComparer.Ordinal);

    /// <summary>How a node's agent behaves from now on.</summary>
    public void Behave(string node, AgentBehaviour behaviour)
    {
        _behaviours[node] = behaviour;
        Touch(node);
    }

    /// <summary>How all other nodes' agents behave from now on.</summary>
    public void BehaveByDefault(AgentBehaviour behaviour)
    {
        _default = behaviour;
        foreach (var node in _agents.Keys)
            Touch(node);
    }

    /// <summary>
    /// Lets figures get old, or stops that. Each node begins somewhere within the age, by chance: as in a cluster in which nothing has happened to all nodes at once for long.
    /// </summary>
    public void LetFiguresAge(bool lets)
    {
        _figuresAge = lets;
        if (!lets)
            return;
        foreach (var (node, agent) in _agents)
        {
            lock (agent)
                agent.FiguresDue = _time.GetTimestamp() + Ticks(UpTo(_options.FigureAge));
            _queue.Add(node);
        }
    }

    /// <summary>Plays until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var controller = new Controller<string>(_queue, WriteDueAsync, new ControllerOptions { Workers = _options.Writers, StopGrace = TimeSpan.FromSeconds(1) }, _time);
        await Task.WhenAll(_informer.RunAsync(cancellation), controller.RunAsync([], cancellation));
    }

    public void Dispose() => _queue.Dispose();

    void IObjectHandler<SimulatedPlan>.Added(StoredObject<SimulatedPlan> added) => See(added.Key.Name, added.Value);

    void IObjectHandler<SimulatedPlan>.Updated(StoredObject<SimulatedPlan> old, StoredObject<SimulatedPlan> updated)
    {
        // Our own status comes back as a change of the object.
        if (old.Value.Generation != updated.Value.Generation)
            See(updated.Key.Name, updated.Value);
    }

    void IObjectHandler<SimulatedPlan>.Deleted(StoredObject<SimulatedPlan> last) => _agents.TryRemove(last.Key.Name, out _);

    private void See(string node, SimulatedPlan plan)
    {
        var now = _time.GetTimestamp();
        var agent = _agents.GetOrAdd(node, static _ => new Agent());
        lock (agent)
        {
            if (agent.Plan.Uid != plan.Uid)
                agent.Forget();
            agent.Plan = plan;
            var due = now + Ticks((agent.HasWritten ? plan.EchoAfter : TimeSpan.Zero) + UpTo(_options.ChangeJitter));
            agent.ChangeDue = agent.ChangeDue is { } waiting && waiting < due ? waiting : due;
        }

        _observer?.PlanSeen(node, plan, now);
        _queue.Add(node);
    }

    /// <summary>Something about the node is to be told that its plan does not say.</summary>
    private void Touch(string node)
    {
        if (!_agents.TryGetValue(node, out var agent))
            return;
        lock (agent)
            agent.ChangeDue ??= _time.GetTimestamp() + Ticks(UpTo(_options.ChangeJitter));
        _queue.Add(node);
    }

    private async ValueTask<ReconcileResult> WriteDueAsync(string node, CancellationToken cancellation)
    {
        var behaviour = _behaviours.GetValueOrDefault(node) ?? _default;
        if (behaviour.IsSilent || !_agents.TryGetValue(node, out var agent))
            return ReconcileResult.Done;
        SimulatedPlan plan;
        DamonNodeStatus status;
        lock (agent)
        {
            if (DueIn(agent) is not { } wait)
                return ReconcileResult.Done;
            if (wait > TimeSpan.Zero)
                return ReconcileResult.Again(wait);
            plan = agent.Plan;
            agent.ChangeDue = null;
            agent.Writes++;
            status = StatusOf(agent, behaviour);
        }

        var result = await _client.PatchAsync(
            DamonKinds.Nodes, new ObjectKey(node), PatchKind.Apply, DamonNodeStatusWriter.WriteApply(node, status), FieldManager, force: true, cancellation, "status");
        var now = _time.GetTimestamp();
        if (result is { Succeeded: false, Failure.Kind: not ApiFailureKind.NotFound })
        {
            Interlocked.Increment(ref _failed);
            lock (agent)
                agent.ChangeDue ??= now;
            return ReconcileResult.Failed(result.Failure.ToString());
        }

        lock (agent)
        {
            agent.FiguresDue ??= now + Ticks(UpTo(_options.FigureAge));
            while (agent.FiguresDue <= now)
                agent.FiguresDue += Ticks(_options.FigureAge);
            agent.HasWritten |= result.Succeeded;
            agent.NotBefore = now + Ticks(_options.LeastGap + UpTo(_options.GapJitter));
        }

        if (result.Succeeded)
        {
            Interlocked.Increment(ref _written);
            _observer?.StatusWritten(node, plan, now);
        }

        lock (agent)
            return DueIn(agent) is { } next ? ReconcileResult.Again(next > TimeSpan.Zero ? next : TimeSpan.Zero) : ReconcileResult.Done;
    }

    /// <summary>How long until a write is due; null where none is.</summary>
    private TimeSpan? DueIn(Agent agent)
    {
        var now = _time.GetTimestamp();
        long? due = agent.ChangeDue is { } change ? Math.Max(change, agent.NotBefore) : null;
        if (_figuresAge && agent.FiguresDue is { } figures)
            due = Math.Min(due ?? long.MaxValue, figures);
        return due is { } at ? TimeSpan.FromSeconds((double)(at - now) / _time.TimestampFrequency) : null;
    }

    private DamonNodeStatus StatusOf(Agent agent, AgentBehaviour behaviour)
    {
        var now = _time.GetUtcNow();
        var schemes = agent.Plan.Schemes.Select(scheme => StatusOf(agent, scheme, behaviour, now)).OrderBy(scheme => scheme.Name, StringComparer.Ordinal).ToList();
        agent.KeepSince(schemes);
        var isDegraded = behaviour.IsDegraded || schemes.Exists(scheme => scheme.State == NodeSchemeState.Degraded);
        return new DamonNodeStatus
        {
            ObservedGeneration = agent.Plan.Generation,
            AgentVersion = behaviour.Version,
            Kernel = Kernel,
            Capabilities =
            [
                .. CapabilityNames.Select(name => new NodeCapability
                {
                    Name = name,
                    Available = !behaviour.Lacks.ContainsKey(name),
                    Reason = behaviour.Lacks.GetValueOrDefault(name) ?? "Available",
                }),
            ],
            Schemes = schemes,
            Conditions =
            [
                agent.Condition("Degraded", isDegraded, isDegraded ? "SchemesDegraded" : "AsExpected", now),
                agent.Condition("EmergencyStopped", isTrue: false, "AsExpected", now),
                agent.Condition("Ready", isTrue: true, "PlanTakenUp", now),
            ],
        };
    }

    private static NodeSchemeStatus StatusOf(Agent agent, SimulatedScheme scheme, AgentBehaviour behaviour, DateTimeOffset now)
    {
        var (state, reason) = behaviour.StateOf(scheme.Name) ?? PlannedState(agent.Plan.Mode, scheme);
        return new NodeSchemeStatus
        {
            Name = scheme.Name,
            AppliedHash = scheme.Hash,
            State = state,
            Reason = reason.Length == 0 ? null : reason,
            Since = agent.SinceOf(scheme.Name, state, reason) ?? now,
            Targets = behaviour.TargetsOf(scheme.Name),
            Conflicts = behaviour.ConflictsOf(scheme.Name),
            // Figures that differ with every write, as measured ones do.
            Effect = new SchemeEffect { ColdBytes = (64 + agent.Writes) << 20, AdvisedBytes = scheme.Enforces ? agent.Writes << 24 : 0, AwayBytes = scheme.Enforces ? agent.Writes << 23 : 0 },
            Trips = behaviour.TripsOf(scheme.Name),
        };
    }

    private static (NodeSchemeState State, string Reason) PlannedState(string mode, SimulatedScheme scheme) => mode switch
    {
        "Off" => (NodeSchemeState.Stopped, "NodeOff"),
        _ when scheme.IsPaused => (NodeSchemeState.Paused, "Paused"),
        "Enforce" when scheme.Enforces => (NodeSchemeState.Active, ""),
        "Observe" when scheme.Enforces => (NodeSchemeState.Observing, "NodeObserve"),
        _ => (NodeSchemeState.Observing, ""),
    };

    private TimeSpan UpTo(TimeSpan longest)
    {
        lock (_chanceLock)
            return longest * _chance.NextShare();
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    /// <summary>One node's. Locked by itself.</summary>
    private sealed class Agent
    {
        private readonly Dictionary<string, (NodeSchemeState State, string Reason, DateTimeOffset Since)> _since = new(StringComparer.Ordinal);
        private readonly Dictionary<string, (bool IsTrue, DateTimeOffset Since)> _conditions = new(StringComparer.Ordinal);

        public SimulatedPlan Plan { get; set; } = SimulatedPlan.None;

        /// <summary>The first echo waits for nobody.</summary>
        public bool HasWritten { get; set; }

        /// <summary>When the change is told that waits to be; null where none does.</summary>
        public long? ChangeDue { get; set; }

        public long NotBefore { get; set; }

        /// <summary>When figures are too old; null before the first write.</summary>
        public long? FiguresDue { get; set; }

        public long Writes { get; set; }

        /// <summary>The object was made anew: nothing of what was written is there.</summary>
        public void Forget() => (ChangeDue, NotBefore, FiguresDue, HasWritten) = (null, 0, null, false);

        public DateTimeOffset? SinceOf(string scheme, NodeSchemeState state, string reason) =>
            _since.TryGetValue(scheme, out var known) && known.State == state && known.Reason == reason ? known.Since : null;

        public void KeepSince(IReadOnlyList<NodeSchemeStatus> schemes)
        {
            _since.Clear();
            foreach (var scheme in schemes)
                _since[scheme.Name] = (scheme.State, scheme.Reason ?? "", scheme.Since);
        }

        public ObjectCondition Condition(string type, bool isTrue, string reason, DateTimeOffset now)
        {
            if (!_conditions.TryGetValue(type, out var known) || known.IsTrue != isTrue)
                _conditions[type] = known = (isTrue, now);
            return new ObjectCondition { Type = type, Status = isTrue ? "True" : "False", Reason = reason, ObservedGeneration = Plan.Generation, LastTransitionTime = known.Since };
        }
    }
}
