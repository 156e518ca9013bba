using Damon.Engine.Host;

namespace Damon.NodeAgent.Safety;

/// <summary>The rails of one container: its start grace, its floor and its swap.</summary>
internal sealed class ContainerRails : IDisposable
{
    private readonly HostRoot _host;
    private readonly StartGraceRail _grace;
    private readonly GroupSwapRail _swap;
    private readonly RailSlot _graceSlot, _floorSlot, _swapSlot;

    public ContainerRails(HostRoot host, TimeProvider time, HostReader reader, RailLog log, string podUid, RailContainer container)
    {
        _host = host;
        Container = container;
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

    public void Dispose()
    {
        Floor.Dispose();
        _swap.Dispose();
    }
}
