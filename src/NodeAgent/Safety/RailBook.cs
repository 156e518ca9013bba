using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.NodeAgent.Safety;

/// <summary>
/// All rails of a node and its pods. Asked before anything is measured and again before anything is done, it says whether an action may go on, with which share of its budget, for how many bytes at
/// most, and whether it may touch anonymous memory; and it keeps what has to be told: trips, time held back, changes.
/// </summary>
/// <remarks>
/// For the loop's thread. Asking is cheap: files are read at most once a second for each pod, whoever asks how often. <see cref="Refresh"/> in every round keeps windows and cool-downs going while
/// nobody asks. A pod that is not tracked is held: nothing is known of it.
/// </remarks>
internal sealed class RailBook : IDisposable
{
    /// <summary>/proc/zoneinfo of a machine with hundreds of processors is above a megabyte; everything else is a few pages.</summary>
    private const int MaxFileBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan RoomMaxAge = TimeSpan.FromSeconds(1);

    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly ulong _pageBytes;
    private readonly NodeRooms _rooms;
    private readonly StallGuard? _stalls;
    private readonly HostReader _reader = new(MaxFileBytes);
    private readonly Dictionary<string, PodRails> _pods = new(StringComparer.Ordinal);
    private bool? _eventsAreLocal;

    /// <summary>A book without pods.</summary>
    /// <param name="host">The host.</param>
    /// <param name="time">The clock.</param>
    /// <param name="pageBytes">The machine's page size.</param>
    /// <param name="plan">The age of the plan.</param>
    /// <param name="limits">The limits of the cluster's configuration.</param>
    /// <param name="stalls">Where calls into the kernel are carried out, by pod uid; null where they are not.</param>
    public RailBook(HostRoot host, TimeProvider time, ulong pageBytes, PlanAgeRail plan, SafetyLimits limits, StallGuard? stalls = null)
    {
        (_host, _time, _pageBytes, _stalls) = (host, time, pageBytes, stalls);
        Log = new RailLog();
        _rooms = new NodeRooms(host, pageBytes, _reader, time);
        Node = new NodeRails(host, time, _reader, pageBytes, Log, plan, limits);
    }

    /// <summary>Whether the kernel can reclaim pages of files only: then <see cref="SchemeAction.Reclaim"/> goes on where swap is held, without anonymous memory.</summary>
    public bool ReclaimSparesAnonymous { get; init; }

    public RailLog Log { get; }

    public NodeRails Node { get; }

    public int Pods => _pods.Count;

    /// <summary>Whether an action takes memory away from its pod, which floors and swap are about.</summary>
    public static bool TakesMemory(SchemeAction action) => action is SchemeAction.Pageout or SchemeAction.Reclaim;

    /// <summary>Takes a pod in, or takes over what changed about it.</summary>
    /// <param name="target">The pod.</param>
    /// <param name="limits">The tightest of the limits of the schemes that act on it.</param>
    public PodRails Track(RailTarget target, SafetyLimits limits)
    {
        if (_pods.TryGetValue(target.PodUid, out var pod))
        {
            if (pod.Target.Identity == target.Identity && pod.Target.Directory == target.Directory)
            {
                pod.Update(target, limits);
                return pod;
            }

            pod.Dispose();
        }

        _eventsAreLocal ??= ReadEventsAreLocal();
        return _pods[target.PodUid] = new PodRails(_host, _time, _reader, _pageBytes, _rooms, Log, _stalls, _eventsAreLocal.Value, target, limits);
    }

    /// <summary>Lets a pod go.</summary>
    public void Forget(string podUid)
    {
        if (_pods.Remove(podUid, out var pod))
        {
            pod.Dispose();
        }
    }

    /// <summary>Reads anew what is old.</summary>
    public void Refresh()
    {
        Node.Refresh();
        foreach (var pod in _pods.Values)
        {
            pod.Refresh();
        }
    }

    /// <summary>Asks all rails.</summary>
    /// <param name="podUid">The pod.</param>
    /// <param name="containerId">The container in it.</param>
    /// <param name="action">What is to be done; of moves, with their destinations.</param>
    /// <param name="isAboutToAct">Whether it is done next: then the room on memory nodes is read anew, and else may be a second old.</param>
    public RailAnswer Check(string podUid, string containerId, MemoryAction action, bool isAboutToAct = false)
    {
        Node.Refresh();
        if (Node.Plan.Rail == SafetyRail.Off)
        {
            return RailAnswer.Held(SafetyRail.Off, Node.Plan.Reason);
        }

        if (Node.Emergency.Rail is { } emergency)
        {
            return RailAnswer.Held(emergency, Node.Emergency.Reason);
        }

        if (Node.Pressure.Rail is { } pressure)
        {
            return RailAnswer.Held(pressure, Node.Pressure.Reason);
        }

        if (!_pods.TryGetValue(podUid, out var pod))
        {
            return RailAnswer.Held(SafetyRail.TargetGone, "the pod is not known");
        }

        var answer = pod.Check(containerId, action, isAboutToAct ? TimeSpan.Zero : RoomMaxAge);
        if (!answer.IsAllowed)
        {
            return answer;
        }

        var anonymous = TakesMemory(action.Kind) ? Node.Swap.Rail ?? answer.AnonymousHeldBy : null;
        if (action.Kind == SchemeAction.Reclaim && anonymous is { } swap and not SafetyRail.NoSwap && !ReclaimSparesAnonymous)
        {
            // The kernel chooses what it reclaims. Without swap it takes file-backed memory by itself; where swap is there it would use it, unless it can be told not to.
            return RailAnswer.Held(swap, Node.Swap.Rail is null ? "the pod's swap" : Node.Swap.Reason);
        }

        var nodeState = Node.Emergency.BudgetFactor < Node.Pressure.BudgetFactor ? Node.Emergency : Node.Pressure;
        return answer with
        {
            BudgetFactor = Math.Min(answer.BudgetFactor, nodeState.BudgetFactor),
            Reason = nodeState.BudgetFactor < answer.BudgetFactor ? nodeState.Reason : answer.Reason,
            AnonymousHeldBy = anonymous,
            EnforceHeldBy = Node.Plan.Rail,
        };
    }

    /// <summary>What finds the mappings of a container's processes that are bound to memory nodes (<see cref="PlacementRail.TryFindBound"/>); null where the container is not known.</summary>
    public Func<int, AddressRangeList, bool>? BoundFinder(string podUid, string containerId) => _pods.TryGetValue(podUid, out var pod) ? pod.BoundFinder(containerId) : null;

    /// <summary>Whether an action moves pages to other memory nodes, which placement is about.</summary>
    public static bool MovesMemory(SchemeAction action) => action is SchemeAction.MigrateHot or SchemeAction.MigrateCold;

    /// <summary>Notes what an action took away, as measured.</summary>
    /// <param name="podUid">The pod.</param>
    /// <param name="containerId">The container.</param>
    /// <param name="anonymousBytes">Anonymous memory that went to swap; all of it where that is not known.</param>
    /// <param name="fileBytes">File-backed memory.</param>
    public void Record(string podUid, string containerId, ulong anonymousBytes, ulong fileBytes)
    {
        Node.OwnSwappedBytes += anonymousBytes;
        if (_pods.TryGetValue(podUid, out var pod))
        {
            pod.Record(containerId, anonymousBytes + fileBytes);
        }
    }

    public void Dispose()
    {
        Node.Dispose();
        _rooms.Dispose();
        foreach (var pod in _pods.Values)
        {
            pod.Dispose();
        }

        _pods.Clear();
    }

    /// <summary>Whether memory.events counts each group alone: an option of the hierarchy's mount, the same wherever it is mounted. What cannot be read counts as yes, which costs a file for each container.</summary>
    private bool ReadEventsAreLocal() =>
        !(_host.ReadText("/proc/1/mounts").TryGet(out var mounts) || _host.ReadText("/proc/mounts").TryGet(out mounts))
        || mounts.Split('\n').Any(line => line.Contains(" cgroup2 ", StringComparison.Ordinal) && line.Contains("memory_localevents", StringComparison.Ordinal));
}
