using System.Numerics;
using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Actions;

/// <summary>
/// Moves one process's pages to memory nodes with move_pages(2). What has moved is what lies on its destination afterwards and did not before, as the kernel says when it is asked again; what the
/// moving call reports only explains why pages stayed.
/// </summary>
/// <remarks>
/// <para>
/// Pages that other processes map too are not moved, nor are locked ones. The kernel itself refuses nodes outside the process's cpuset. With several destinations the unit is a block as large as a
/// transparent huge page: a large folio moves as a whole, and which pages belong to one cannot be seen without rights.
/// </para>
/// <para>
/// Needs the right to look at the process (PTRACE_MODE_READ: the same user, or CAP_SYS_PTRACE). The call takes a pid, so between the check of the identity and the call the process may have ended and
/// its pid may mean another: moving keeps the content, so the harm is a few pages of a stranger on another node.
/// </para>
/// </remarks>
internal sealed class PageMigrator : IDisposable
{
    private const int BatchPages = IPageMoves.MaxPages;

    /// <summary>No errno and no node: the status of a page that a call has not come to.</summary>
    private const int NotTried = int.MinValue;

    private readonly HostRoot _host;
    private readonly TimeProvider _time;
    private readonly ProcessWatch _watch;
    private readonly TargetMappings _mappings;
    private readonly HostFile _pagemap;
    private readonly IPageMoves _moves;
    private readonly MemoryNodes _nodes;
    private readonly int _blockOrder;
    private readonly ulong _pageBytes = (ulong)Native.PageSizeBytes;
    private readonly ulong[] _entries = new ulong[BatchPages];
    private readonly PageState[] _states = new PageState[BatchPages];
    private readonly bool[] _passes = new bool[BatchPages];

    /// <summary>The pages of a batch that could be moved: where they are, where they belong, where they lie.</summary>
    private readonly ulong[] _movable = new ulong[BatchPages];
    private readonly int[] _belongsOn = new int[BatchPages];
    private readonly int[] _liesOn = new int[BatchPages];

    /// <summary>The pages of one call, all for one node.</summary>
    private readonly ulong[] _run = new ulong[BatchPages];
    private readonly int[] _runNodes = new int[BatchPages];
    private readonly int[] _runStatus = new int[BatchPages];
    private readonly int[] _runAfter = new int[BatchPages];

    /// <summary>Made when the first filter is to be judged.</summary>
    private PageFilterReader? _filterReader;
    private int _movableCount;

    private PageMigrator(HostRoot host, TimeProvider time, ProcessWatch watch, TargetMappings mappings, HostFile pagemap, IPageMoves moves)
    {
        _host = host;
        _time = time;
        _watch = watch;
        _mappings = mappings;
        _pagemap = pagemap;
        _moves = moves;
        _nodes = new MemoryNodes(host, time);
        _blockOrder = BitOperations.Log2(TransparentHugePages.ReadSizeBytes(host) / _pageBytes);
    }

    /// <summary>Why the last call did not do what was asked, for people; empty after a success.</summary>
    public string LastError { get; private set; } = "";

    private int Pid => _watch.Identity.Pid;

    /// <summary>Opens it for one process.</summary>
    /// <param name="host">The host.</param>
    /// <param name="process">Which process it must be.</param>
    /// <param name="time">The clock by which cached mappings and nodes grow old.</param>
    /// <param name="moves">The native call; the real one where none is given.</param>
    public static HostResult<PageMigrator> Open(HostRoot host, ProcessIdentity process, TimeProvider time, IPageMoves? moves = null)
    {
        var opened = TargetFiles.Open(host, process, time);
        if (!opened.TryGet(out var files))
        {
            return opened.Error;
        }

        return new PageMigrator(host, time, files.Watch, files.Mappings, files.Pagemap, moves ?? new ProcessPageMoves(process.Pid));
    }

    /// <summary>Counts the pages that do not lie on their destination yet.</summary>
    /// <inheritdoc cref="IMemoryActor.Measure"/>
    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, PageFilters filters, out Reach reach)
    {
        reach = new Reach(range.Start, 0);
        var outcome = Begin(action);
        ulong reachable = 0, shared = 0, locked = 0, filtered = 0;
        var end = range.Start;
        while (outcome == ActionOutcome.Applied && end < range.End && reachable < maxBytes)
        {
            outcome = LookAt(action, end, range.End, filters, out var count);
            if (outcome != ActionOutcome.Applied || count == 0)
            {
                end = outcome == ActionOutcome.Applied ? range.End : end;
                break;
            }

            var movable = 0;
            for (var i = 0; i < count && reachable < maxBytes; i++)
            {
                end += _pageBytes;
                shared += _states[i] == PageState.Shared ? _pageBytes : 0;
                locked += _states[i] == PageState.Held ? _pageBytes : 0;
                filtered += _states[i] == PageState.Filtered ? _pageBytes : 0;
                reachable += _states[i] == PageState.Movable && IsAstray(movable++) ? _pageBytes : 0;
            }
        }

        reach = new Reach(Math.Min(end, range.End), reachable, SharedBytes: shared, LockedBytes: locked, FilteredBytes: filtered);
        return outcome;
    }

    /// <inheritdoc cref="IMemoryActor.Apply"/>
    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters)
    {
        var work = default(MoveWork);
        if (ranges.IsEmpty)
        {
            LastError = "";
            return new ActionResult(ActionOutcome.Nothing, 0, 0);
        }

        var outcome = Begin(action);
        var lookedAt = 0UL;
        for (var i = 0; i < ranges.Length && outcome == ActionOutcome.Applied; i++)
        {
            lookedAt += ranges[i].SizeBytes;
            for (var address = ranges[i].Start; address < ranges[i].End && outcome == ActionOutcome.Applied;)
            {
                outcome = LookAt(action, address, ranges[i].End, filters, out var count);
                if (count == 0)
                {
                    break;
                }

                outcome = outcome == ActionOutcome.Applied ? MoveAstray(ref work) : outcome;
                address += (ulong)count * _pageBytes;
            }
        }

        outcome = outcome == ActionOutcome.Applied ? Judge(work) : outcome;
        var asked = (ulong)work.AskedPages * _pageBytes;
        return new ActionResult(outcome, asked, (ulong)work.MovedPages * _pageBytes, work.Errno, SkippedBytes: lookedAt - Math.Min(lookedAt, asked));
    }

    public void Dispose()
    {
        _watch.Dispose();
        _mappings.Dispose();
        _pagemap.Dispose();
        _filterReader?.Dispose();
    }

    private ActionOutcome Begin(MemoryAction action)
    {
        LastError = "";
        _filterReader?.ForgetError();
        if (_nodes.FindMissing(action.Destinations, out var known) is { } missing)
        {
            return Fail(ActionOutcome.Unsupported, $"memory node {missing} is not there or has no memory; nodes with memory are {known}");
        }

        var life = Alive();
        if (life != ActionOutcome.Applied)
        {
            return life;
        }

        var refreshed = _mappings.Refresh();
        return refreshed == HostErrorKind.None ? ActionOutcome.Applied : Fail(HostOutcome.Of(refreshed), "its mappings cannot be read");
    }

    private ActionOutcome Alive() => _watch.Check() switch
    {
        ProcessLife.Same => ActionOutcome.Applied,
        ProcessLife.Unknown => Fail(ActionOutcome.TryAgain, "it cannot be told whether it is the same process still"),
        _ => Fail(ActionOutcome.Gone, "it is gone or runs another program"),
    };

    /// <summary>Reads a batch of pages from an address on, sorts out what is not to be moved, and asks where the rest lies.</summary>
    /// <returns>Applied with a count of 0 behind the last address that can have pages.</returns>
    private ActionOutcome LookAt(MemoryAction action, ulong from, ulong end, PageFilters filters, out int count)
    {
        _movableCount = 0;
        var wanted = (int)Math.Min(BatchPages, (end - from + _pageBytes - 1) / _pageBytes);
        var read = _pagemap.ReadAt(MemoryMarshal.AsBytes(_entries.AsSpan(0, wanted)), (long)(from / _pageBytes * PagemapEntry.SizeBytes));
        count = read.IsOk ? read.Value / PagemapEntry.SizeBytes : 0;
        if (!read.IsOk)
        {
            return Fail(HostOutcome.Of(read.Error.Kind), "its page map cannot be read");
        }

        if (count == 0)
        {
            return Alive();
        }

        if (!filters.IsEmpty)
        {
            _filterReader ??= new PageFilterReader(_host, _time);
            var judged = _filterReader.Judge(filters, _entries.AsSpan(0, count), _passes);
            if (judged != HostErrorKind.None)
            {
                return Fail(HostOutcome.Of(judged), _filterReader.LastError);
            }
        }

        SortOut(action, from, count, !filters.IsEmpty);
        if (_movableCount == 0)
        {
            return ActionOutcome.Applied;
        }

        _liesOn.AsSpan(0, _movableCount).Fill(NotTried);
        var found = _moves.Find(_movable.AsSpan(0, _movableCount), _liesOn.AsSpan(0, _movableCount));
        LeaveWhatIsRight(action);
        return found >= 0 ? ActionOutcome.Applied : FailCall((int)-found, node: -1);
    }

    /// <summary>What lies on some destination belongs there, where any will do.</summary>
    private void LeaveWhatIsRight(MemoryAction action)
    {
        for (var i = 0; action.AnyDestinationWillDo && i < _movableCount; i++)
        {
            _belongsOn[i] = action.LeavesOn(_liesOn[i]) ? _liesOn[i] : _belongsOn[i];
        }
    }

    private void SortOut(MemoryAction action, ulong from, int count, bool isFiltered)
    {
        var mapping = default(TargetMapping);
        for (var i = 0; i < count; i++)
        {
            var entry = new PagemapEntry(_entries[i]);
            var address = from + ((ulong)i * _pageBytes);
            _states[i] = PageState.Absent;
            if (!entry.IsPresent)
            {
                continue;
            }

            if (address >= mapping.End || mapping.End == 0)
            {
                mapping = _mappings.At(address);
            }

            var isKnown = address >= mapping.Start;
            _states[i] = isFiltered && !_passes[i] ? PageState.Filtered
                : isKnown && mapping.IsHeld ? PageState.Held
                : entry.IsExclusive ? PageState.Movable
                : PageState.Shared;
            if (_states[i] == PageState.Movable)
            {
                // A mapping that came after the mappings were read counts as anonymous: another block at worst, and the same one as long as it is not known.
                var index = (isKnown ? mapping.OffsetBytes + (address - mapping.Start) : address) / _pageBytes;
                _movable[_movableCount] = address;
                _belongsOn[_movableCount++] = MigrationPlacement.NodeOf(MigrationPlacement.FolioIndex(index, _blockOrder), action.Destinations);
            }
        }
    }

    private bool IsAstray(int movable) => _liesOn[movable] >= 0 && _belongsOn[movable] >= 0 && _liesOn[movable] != _belongsOn[movable];

    /// <summary>One call for each run of pages with the same destination: where one page fails, the kernel gives up what is behind its run.</summary>
    private ActionOutcome MoveAstray(ref MoveWork work)
    {
        var count = 0;
        for (var i = 0; i < _movableCount; i++)
        {
            if (!IsAstray(i))
            {
                continue;
            }

            if (count > 0 && _runNodes[0] != _belongsOn[i])
            {
                var outcome = MoveRun(count, ref work);
                if (outcome != ActionOutcome.Applied)
                {
                    return outcome;
                }

                count = 0;
            }

            _run[count] = _movable[i];
            _runNodes[count++] = _belongsOn[i];
        }

        return count == 0 ? ActionOutcome.Applied : MoveRun(count, ref work);
    }

    private ActionOutcome MoveRun(int count, ref MoveWork work)
    {
        var pages = _run.AsSpan(0, count);
        var status = _runStatus.AsSpan(0, count);
        var after = _runAfter.AsSpan(0, count);
        var node = _runNodes[0];
        status.Fill(NotTried);
        after.Fill(NotTried);
        var moved = _moves.Move(pages, _runNodes.AsSpan(0, count), status);
        work.AskedPages += count;
        work.Node = node;

        // Also after a failure: it may come after a part of the work was done.
        var found = _moves.Find(pages, after);
        for (var i = 0; i < count; i++)
        {
            if (found >= 0 && after[i] == node)
            {
                work.MovedPages++;
            }
            else
            {
                work.CountStayed(status[i]);
            }
        }

        work.Errno = moved < 0 ? (int)-moved : work.Errno;
        return moved < 0 ? FailCall((int)-moved, node) : found < 0 ? FailCall((int)-found, node: -1) : ActionOutcome.Applied;
    }

    private ActionOutcome FailCall(int errno, int node) => errno switch
    {
        Errno.ESRCH => Fail(ActionOutcome.Gone, "it is gone"),
        Errno.EPERM => Fail(ActionOutcome.Denied, "looking at where its pages lie is denied (error 1); run as root, or with CAP_SYS_PTRACE"),
        Errno.EACCES => Fail(ActionOutcome.Denied, $"its cpuset does not allow memory node {node} (error 13)"),
        Errno.ENODEV => Fail(ActionOutcome.Unsupported, $"memory node {node} is not there or has no memory (error 19)"),
        Errno.ENOSYS => Fail(ActionOutcome.Unsupported, "this kernel cannot move pages: it was built without NUMA (error 38)"),
        Errno.ENOMEM => Fail(ActionOutcome.TryAgain, node < 0 ? "there is no memory for the call (error 12)" : $"memory node {node} has no room (error 12); it is tried again"),
        Errno.EAGAIN or Errno.EINTR or Errno.EBUSY => Fail(ActionOutcome.TryAgain, $"pages could not be moved now (error {errno}); it is tried again"),
        _ => Fail(ActionOutcome.Failed, $"moving pages failed (error {errno})"),
    };

    /// <summary>What the work comes to where no call failed as a whole.</summary>
    private ActionOutcome Judge(in MoveWork work)
    {
        if (work.MovedPages == work.AskedPages)
        {
            return work.MovedPages == 0 ? ActionOutcome.NoEffect : ActionOutcome.Applied;
        }

        var outcome = work.MovedPages > 0 ? ActionOutcome.Partial : work.IsPassing ? ActionOutcome.TryAgain : ActionOutcome.NoEffect;
        return Fail(outcome, $"of {work.AskedPages} pages {work.AskedPages - work.MovedPages} stayed: {work.Reasons}");
    }

    private ActionOutcome Fail(ActionOutcome outcome, string why)
    {
        LastError = $"process {Pid}: {why}";
        return outcome;
    }

    private enum PageState : byte
    {
        Absent,
        Filtered,
        Held,
        Shared,
        Movable,
    }

    /// <summary>What was asked of the kernel in one application, and what came of it.</summary>
    private struct MoveWork
    {
        public int AskedPages;
        public int MovedPages;
        public int Errno;
        public int Node;

        private int _busy;
        private int _noRoom;
        private int _shared;
        private int _vanished;
        private int _other;
        private int _otherErrno;

        /// <summary>Whether pages stayed for something that passes.</summary>
        public readonly bool IsPassing => _busy + _noRoom > 0;

        public readonly string Reasons
        {
            get
            {
                (int Pages, string Why)[] all =
                [
                    (_busy, "in use by the kernel"), (_noRoom, $"no room on memory node {Node}"), (_shared, "mapped by other processes by now"), (_vanished, "not in memory any more"),
                    (_other, _otherErrno == 0 ? "not tried" : $"refused (error {_otherErrno})"),
                ];
                return string.Join(", ", all.Where(reason => reason.Pages > 0).Select(reason => $"{reason.Pages} {reason.Why}"));
            }
        }

        public void CountStayed(int status)
        {
            switch (-(long)status)
            {
                case Interop.Errno.EBUSY or Interop.Errno.EAGAIN:
                    _busy++;
                    break;
                case Interop.Errno.ENOMEM:
                    _noRoom++;
                    break;
                case Interop.Errno.EACCES:
                    _shared++;
                    break;
                case Interop.Errno.ENOENT or Interop.Errno.EFAULT:
                    _vanished++;
                    break;
                default:
                    _other++;
                    _otherErrno = status is < 0 and > NotTried ? -status : _otherErrno;
                    break;
            }
        }
    }
}
