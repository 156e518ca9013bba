using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// The rails of one pod. They read the pod's control group at most once a second (memory.stat, which costs the kernel more, every ten seconds), through files that stay open.
/// </summary>
internal sealed class PodRails : IDisposable
{
    private const string Stalled = "a call into the kernel has not come back";

    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StatEvery = TimeSpan.FromSeconds(10);

    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly HostReader _reader;
    private readonly NodeRooms _rooms;
    private readonly RailLog _log;
    private readonly StallGuard? _stalls;
    private readonly PressureGauge _memory, _io;
    private readonly KernelText _stat;
    private readonly OomKills _kills;
    private readonly PressureRail _pressureRail;
    private readonly IoPressureRail _ioRail;
    private readonly EmergencyRail _emergencyRail;
    private readonly RefaultRail _refaultRail;
    private readonly GroupSwapRail _swapRail;
    private readonly FloorRail _floorRail;
    private readonly RailLatch _stall = new();
    private readonly RailSlot _pressure, _ioPressure, _emergency, _refault, _swap, _floor, _stalled;

    /// <summary>In the order in which their reasons are told: what is worst comes first.</summary>
    private readonly RailSlot[] _always;
    private readonly bool _eventsAreLocal;
    private readonly Dictionary<string, ContainerRails> _containers = new(StringComparer.Ordinal);
    private SafetyLimits _limits;
    private ulong _reclaimedBytes;
    private long? _refreshedAt;
    private long? _statAt;

    public PodRails(HostRoot host, TimeProvider time, HostReader reader, ulong pageBytes, NodeRooms rooms, RailLog log, StallGuard? stalls, bool eventsAreLocal, RailTarget target, SafetyLimits limits)
    {
        (_host, _time, _reader, _rooms, _log, _stalls, _limits) = (host, time, reader, rooms, log, stalls, limits);
        Target = target;
        _memory = new PressureGauge(host, target.Directory + "/memory.pressure", reader, time);
        _io = new PressureGauge(host, target.Directory + "/io.pressure", reader, time);
        _stat = new KernelText(host, target.Directory + "/memory.stat", reader);
        _kills = new OomKills(host, target.Directory, reader);
        _eventsAreLocal = eventsAreLocal;
        _pressureRail = new PressureRail(_memory, time);
        _ioRail = new IoPressureRail(_io, time);
        _emergencyRail = new EmergencyRail(SafetyRail.Emergency, _memory, _kills, time);
        _refaultRail = new RefaultRail(time, pageBytes);
        _swapRail = new GroupSwapRail(host, target.Directory, reader, time);
        _floorRail = new FloorRail(host, target.Directory, target.MemoryRequestBytes, reader, time);
        _emergency = new RailSlot(target.PodUid, log);
        _stalled = new RailSlot(target.PodUid, log);
        _pressure = new RailSlot(target.PodUid, log);
        _ioPressure = new RailSlot(target.PodUid, log);
        _refault = new RailSlot(target.PodUid, log);
        _swap = new RailSlot(target.PodUid, log);
        _floor = new RailSlot(target.PodUid, log);
        _always = [_emergency, _stalled, _pressure, _ioPressure, _refault];
        AddContainers();
    }

    public RailTarget Target { get; private set; }

    /// <summary>Whether the pod's control group is gone, or another one has its name.</summary>
    public bool IsGone { get; private set; }

    /// <summary>What our actions took from the pod so far, as measured.</summary>
    public ulong ReclaimedBytes => _reclaimedBytes;

    /// <summary>The pod's working set where sessions know it better than memory.stat; 0 for what memory.stat says (memory that is charged, less inactive file pages, as the kubelet has it).</summary>
    public ulong WorkingSetBytes { get; set; }

    /// <summary>A floor at which nothing more may leave is one that holds.</summary>
    public static RailState JudgeFloor(FloorRail floor, SafetyLimits limits)
    {
        var state = floor.Check(limits);
        return state.Rail is null && floor.HeadroomBytes == 0 ? RailState.Held(SafetyRail.Floor, "it is at its floor (safety.floors of the configuration): no more may leave than has left") : state;
    }

    /// <summary>Takes over what changed about the pod: containers that came and went, and limits.</summary>
    /// <param name="target">The same pod.</param>
    /// <param name="limits">The tightest of its schemes.</param>
    public void Update(RailTarget target, SafetyLimits limits)
    {
        _limits = limits;
        if (ReferenceEquals(target, Target))
        {
            return;
        }

        Target = target;
        foreach (var gone in _containers.Values.Where(rails => !target.Containers.Contains(rails.Container)).ToList())
        {
            gone.Dispose();
            _containers.Remove(gone.Container.Id);
            _kills.Remove(gone.Container.Directory);
        }

        _floorRail.RequestBytes = target.MemoryRequestBytes;
        AddContainers();
    }

    /// <summary>The plan for this pod is another one now: what its refaults stopped may be tried again.</summary>
    public void LiftRefaults() => _refaultRail.Lift();

    /// <summary>Notes what an action took away, as measured.</summary>
    public void Record(string containerId, ulong bytes)
    {
        _reclaimedBytes += bytes;
        _floorRail.Charge(bytes);
        if (_containers.TryGetValue(containerId, out var container))
        {
            container.Floor.Charge(bytes);
        }
    }

    /// <summary>Reads anew what is a second old.</summary>
    public void Refresh()
    {
        var now = _time.GetTimestamp();
        var since = _refreshedAt is { } at ? _time.GetElapsedTime(at, now) : TimeSpan.Zero;
        if (IsGone || (_refreshedAt is not null && since < RefreshEvery))
        {
            return;
        }

        _refreshedAt = now;
        var floor = JudgeFloor(_floorRail, _limits);
        if (_floorRail.Error != HostErrorKind.None && HasVanished())
        {
            IsGone = true;
            return;
        }

        _floor.Set(floor, since);
        _emergency.Set(_emergencyRail.Check(_limits, hasMemoryPressureCondition: false), since);
        _pressure.Set(_pressureRail.Check(_limits), since);
        _ioPressure.Set(_ioRail.Check(_limits), since);
        _swap.Set(_swapRail.Check(_limits), since);
        _refault.Set(JudgeRefaults(now), since);
        _stall.Update(_stalls?.Occupied(Target.PodUid) >= _limits.StallAfter, _limits.Calm, _time);
        _stalled.Set(_stall.IsHolding ? RailState.Held(SafetyRail.Stalled, Stalled) : RailState.Clear with { BudgetFactor = _stall.BudgetFactor }, since);
        foreach (var container in _containers.Values)
        {
            container.Refresh(_limits, since);
        }
    }

    /// <summary>What the pod's own rails say.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="action">What is to be done.</param>
    /// <param name="maxAge">How old what is known of the room on memory nodes may be.</param>
    public RailAnswer Check(string containerId, MemoryAction action, TimeSpan maxAge)
    {
        Refresh();
        if (IsGone || !_containers.TryGetValue(containerId, out var container) || container.IsGone)
        {
            return RailAnswer.Held(SafetyRail.TargetGone, "the control group is gone");
        }

        double factor = 1;
        var reason = "";
        foreach (var slot in _always)
        {
            var state = slot.State;
            if (state.Rail is { } rail)
            {
                return RailAnswer.Held(rail, state.Reason);
            }

            // The smallest and not the product: several rails see the same trouble at once.
            if (state.BudgetFactor < factor)
            {
                (factor, reason) = (state.BudgetFactor, state.Reason);
            }
        }

        if (container.GraceState.Rail is { } grace)
        {
            return RailAnswer.Held(grace, container.GraceState.Reason);
        }

        if (!RailBook.TakesMemory(action.Kind))
        {
            var room = ulong.MaxValue;
            var placement = action.Destinations.Count > 0 ? container.CheckPlacement(_limits, action.Destinations, maxAge, out room) : RailState.Clear;
            return placement.Rail is { } placed ? RailAnswer.Held(placed, placement.Reason) : new RailAnswer(null, reason, factor, room);
        }

        var floor = _floor.State.Rail is not null ? _floor.State : container.FloorState;
        if (floor.Rail is { } atFloor)
        {
            return RailAnswer.Held(atFloor, floor.Reason);
        }

        return new RailAnswer(
            null, reason, factor, Math.Min(_floorRail.HeadroomBytes, container.Floor.HeadroomBytes), AnonymousHeldBy: _swap.State.Rail ?? container.SwapState.Rail);
    }

    /// <summary>Finds the mappings of a process of a container that are bound to nodes, on whatever thread, by one at a time for each pod.</summary>
    /// <returns>What finds them; null where the container is not known.</returns>
    public Func<int, AddressRangeList, bool>? BoundFinder(string containerId) => _containers.TryGetValue(containerId, out var container) ? container.TryFindBound : null;

    public void Dispose()
    {
        _memory.Dispose();
        _io.Dispose();
        _stat.Dispose();
        _kills.Dispose();
        _swapRail.Dispose();
        _floorRail.Dispose();
        foreach (var container in _containers.Values)
        {
            container.Dispose();
        }
    }

    private void AddContainers()
    {
        foreach (var container in Target.Containers)
        {
            if (!_containers.ContainsKey(container.Id))
            {
                _containers[container.Id] = new ContainerRails(_host, _time, _reader, _rooms, _log, Target.PodUid, container);
                if (_eventsAreLocal)
                {
                    _kills.Add(container.Directory);
                }
            }
        }
    }

    /// <summary>A file that is missing from a group that is there is one that the kernel does not have; only a group that is not there any more is gone.</summary>
    private bool HasVanished() => Target.Directory.Length > 0 && (!_host.Identify(Target.Directory).TryGet(out var identity) || identity != Target.Identity);

    private RailState JudgeRefaults(long now)
    {
        if (_statAt is { } at && _time.GetElapsedTime(at, now) < StatEvery)
        {
            return _refault.State.Rail == SafetyRail.RailUnmeasurable ? _refault.State : _refaultRail.State(_limits);
        }

        _statAt = now;
        var read = _stat.Read(out var content);
        CgroupMemoryStat stat = default;
        if (read == HostErrorKind.None && !CgroupMemoryStat.TryParse(content, out stat))
        {
            read = HostErrorKind.Malformed;
        }

        if (read != HostErrorKind.None)
        {
            return Unmeasurable.Judge(_limits, _stat.Path, read);
        }

        var charged = stat.AnonBytes + stat.FileBytes;
        var workingSet = WorkingSetBytes > 0 ? WorkingSetBytes : charged - Math.Min(charged, stat.InactiveFileBytes);
        var trips = _refaultRail.Trips;
        if (_refaultRail.Update(_limits, stat, _reclaimedBytes, workingSet) is not { } state)
        {
            return Unmeasurable.Judge(_limits, _stat.Path, HostErrorKind.Unsupported);
        }

        if (_refaultRail.Trips > trips && state.Rail is null)
        {
            _log.AddTrip(SafetyRail.Refault);
            _log.AddTransition(new RailTransition(Target.PodUid, SafetyRail.Refault, RailTransitionKind.Reduced, state.Reason));
        }

        return state;
    }
}
