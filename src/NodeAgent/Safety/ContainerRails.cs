using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Safety;

/// <summary>The rails of one container: its start grace, its floor, its swap, and where its pages may go.</summary>
internal sealed class ContainerRails : IDisposable
{
    /// <summary>While anything may be moved the loop asks every five seconds; nobody asking for longer than this is not a rail that held.</summary>
    private static readonly TimeSpan AskedAtLeastEvery = TimeSpan.FromSeconds(10);

    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly RailLog _log;
    private readonly string _podUid;
    private readonly PlacementRail _placement;

    /// <summary>For each node of its own: two schemes with different destinations must not look like one rail that comes and goes.</summary>
    private readonly Dictionary<int, (RailSlot Slot, long At)> _placementSlots = [];
    private readonly StartGraceRail _grace;
    private readonly GroupSwapRail _swap;
    private readonly RailSlot _graceSlot, _floorSlot, _swapSlot;

    public ContainerRails(HostRoot host, TimeProvider time, HostReader reader, NodeRooms rooms, RailLog log, string podUid, RailContainer container)
    {
        (_host, _time, _log, _podUid) = (host, time, log, podUid);
        Container = container;
        _placement = new PlacementRail(host, container.Directory, rooms, reader, time);
        _grace = new StartGraceRail(time, container.StartedAt);
        _swap = new GroupSwapRail(host, container.Directory, reader, time);
        Floor = new FloorRail(host, container.Directory, container.MemoryRequestBytes, reader, time);
        _graceSlot = new RailSlot(podUid, log);
        _floorSlot = new RailSlot(podUid, log);
        _swapSlot = new RailSlot(podUid, log);
    }

    public RailContainer Container { get; }

    public FloorRail Floor { get; }

    public bool IsGone { get; private set; }

    public RailState GraceState => _graceSlot.State;

    /// <summary>Held where it is at its floor, or that cannot be said.</summary>
    public RailState FloorState => _floorSlot.State;

    public RailState SwapState => _swapSlot.State;

    public void Refresh(SafetyLimits limits, TimeSpan since)
    {
        var floor = PodRails.JudgeFloor(Floor, limits);
        if (Floor.Error != HostErrorKind.None && Container.Directory.Length > 0 && !_host.Exists(Container.Directory))
        {
            IsGone = true;
            return;
        }

        _floorSlot.Set(floor, since);
        _graceSlot.Set(_grace.Check(limits), since);
        _swapSlot.Set(_swap.Check(limits), since);
    }

    /// <summary>Asks whether pages may go to all of an action's destinations: one that is shut would get its part of every block.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="destinations">Where they are to go; those of weight 0 get nothing.</param>
    /// <param name="maxAge">How old what is known of free memory may be.</param>
    /// <param name="roomBytes">How much may be moved in all, so that no destination gets more than it has room for.</param>
    public RailState CheckPlacement(SafetyLimits limits, IReadOnlyList<MigrationDestination> destinations, TimeSpan maxAge, out ulong roomBytes)
    {
        roomBytes = ulong.MaxValue;
        var weights = (ulong)destinations.Sum(destination => (long)Math.Max(0, destination.Weight));
        foreach (var (node, weight) in destinations)
        {
            if (weight <= 0)
            {
                continue;
            }

            var state = _placement.Check(limits, node, out var room, maxAge);
            Note(node, state);
            if (state.Rail is not null)
            {
                roomBytes = 0;
                return state;
            }

            roomBytes = Math.Min(roomBytes, (ulong)UInt128.Min((UInt128)room * weights / (ulong)weight, ulong.MaxValue));
        }

        return RailState.Clear;
    }

    /// <inheritdoc cref="PlacementRail.TryFindBound"/>
    public bool TryFindBound(int process, AddressRangeList bound) => _placement.TryFindBound(process, bound);

    public void Dispose()
    {
        _placement.Dispose();
        Floor.Dispose();
        _swap.Dispose();
    }

    private void Note(int node, in RailState state)
    {
        var now = _time.GetTimestamp();
        var since = TimeSpan.Zero;
        if (_placementSlots.TryGetValue(node, out var known))
        {
            since = _time.GetElapsedTime(known.At, now);
        }

        var slot = known.Slot ?? new RailSlot(_podUid, _log);
        slot.Set(state, since < AskedAtLeastEvery ? since : AskedAtLeastEvery);
        _placementSlots[node] = (slot, now);
    }
}
