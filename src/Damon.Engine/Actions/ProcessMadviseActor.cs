using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Actions;

/// <summary>
/// Acts on one process's memory with process_madvise(2): page-out, cold, will-need and collapse, and counts what the actions that are no advice could reach (but for moving pages). What an action could reach, and what it did, is counted in
/// <c>/proc/PID/pagemap</c> and <c>/proc/kpageflags</c>, never taken from what the kernel says it accepted.
/// </summary>
/// <remarks>
/// A page of a file that left the page table need not have left memory: dirty pages, and what remains of a large folio that was cut, are only unmapped and stay in the page cache. Its frame tells,
/// which takes CAP_SYS_ADMIN; without it a page-out of file pages is judged by the page table alone, and its effect may be overstated. With that right no large folio of a file is cut: a range ends where its last folio ends,
/// so a call may meet up to one folio (2 MiB) more than it was asked for, and the next range begins behind it.
/// Needs CAP_SYS_PTRACE and CAP_SYS_NICE, and for page-out of another user's file pages CAP_FOWNER or CAP_DAC_OVERRIDE: without it the kernel accepts the advice
/// and does nothing, which is reported as <see cref="ActionOutcome.NoEffect"/>. Shared memory on a tmpfs mounted elsewhere than /dev/shm counts as a file when
/// predicting; its pages then stay without swap, which the measurement shows.
/// </remarks>
public sealed partial class ProcessMadviseActor : IMemoryActor
{
    private const int ChunkEntries = ThreadBuffers.EntryCount;
    private const string FlagsPath = "/proc/kpageflags";

    /// <summary>4 GiB of small pages, 9 MiB of memory here; a page-out of more file pages at once is not measured.</summary>
    private const int MaxFileFrames = 1 << 20;

    private readonly ProcessWatch _watch;
    private readonly TargetMappings _mappings;
    private readonly HostFile _pagemap;
    private readonly HostFile _status;
    private readonly HostFile? _flags;
    private readonly IProcessMemoryAdvice _advice;
    private readonly ulong _hugePageBytes;
    private readonly ulong _pageBytes = (ulong)Native.PageSizeBytes;
    private AddressRange[] _batch = [];

    /// <summary>Where the file pages were before a page-out, ascending, and whether the process still maps each of them.</summary>
    private ulong[] _fileFrames = [];
    private bool[] _isFrameMapped = [];
    private int _fileFrameCount;

    private ProcessMadviseActor(
        HostRoot host,
        TimeProvider time,
        ProcessWatch watch,
        TargetMappings mappings,
        HostFile pagemap,
        HostFile status,
        HostFile? flags,
        IProcessMemoryAdvice advice,
        ulong hugePageBytes)
    {
        _host = host;
        _time = time;
        _watch = watch;
        _mappings = mappings;
        _pagemap = pagemap;
        _status = status;
        _flags = flags;
        _advice = advice;
        _hugePageBytes = hugePageBytes;
    }

    /// <summary>Which process is acted on.</summary>
    public ProcessIdentity Process => _watch.Identity;

    /// <inheritdoc/>
    public string LastError { get; private set; } = "";

    /// <summary>Opens an actor for one process. Advises nothing yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="process">Which process it must be.</param>
    /// <param name="time">The clock by which cached mappings grow old.</param>
    public static HostResult<ProcessMadviseActor> Open(HostRoot host, ProcessIdentity process, TimeProvider time)
    {
        var advice = PidfdMemoryAdvice.Open(process.Pid);
        if (!advice.IsOk)
        {
            return advice.Error;
        }

        // The identity is checked after the pidfd is there: what the pidfd means is then the process that was asked for.
        var actor = Open(host, process, time, advice.Value);
        if (!actor.IsOk)
        {
            advice.Value.Dispose();
        }

        return actor;
    }

    /// <inheritdoc/>
    public ActionOutcome ReadResident(out ulong residentBytes)
    {
        residentBytes = 0;
        var life = Alive();
        if (life != ActionOutcome.Applied)
        {
            return Explain(life, SchemeAction.Stat, 0);
        }

        var reader = ThreadBuffers.Own.Reader;
        var read = reader.Read(_status);
        if (!read.IsOk)
        {
            return Explain(HostOutcome.Of(read.Error.Kind), SchemeAction.Stat, read.Error.Errno);
        }

        if (!ProcStatus.TryParse(reader.Content, out var status))
        {
            return Explain(ActionOutcome.Failed, SchemeAction.Stat, 0);
        }

        residentBytes = status.RssBytes;
        return ActionOutcome.Applied;
    }

    /// <inheritdoc/>
    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        ForgetFilterError();
        return Explain(MeasureReach(action.Kind, range, maxBytes, filters, out reach), action.Kind, 0);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The process may call exec between the check of its identity and the advice. No lock can close that: the advice then meets the new program's memory at the same addresses. All four kinds of
    /// advice keep the content, so the harm is a few pages read back.
    /// </remarks>
    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
    {
        ForgetFilterError();
        var result = filters.IsEmpty ? AdviseAndMeasure(action.Kind, ranges) : AdvisePassing(action.Kind, ranges, filters);
        Explain(result.Outcome, action.Kind, result.Errno);
        if (result is { Outcome: ActionOutcome.NoEffect, AdvisedBytes: > 0 } && action.Kind == SchemeAction.Pageout)
        {
            LastError = $"process {Process.Pid}: the kernel accepted Pageout and nothing has gone: the pages are in use again, or of another user's file, which takes CAP_FOWNER or CAP_DAC_OVERRIDE";
        }

        return result;
    }

    private ActionOutcome MeasureReach(SchemeAction action, AddressRange range, ulong maxBytes, PageFilters filters, out Reach reach)
    {
        reach = new Reach(range.Start, 0);
        if (!IsCounted(action))
        {
            return ActionOutcome.Unsupported;
        }

        if (action == SchemeAction.Stat && filters.IsEmpty)
        {
            var size = range.SizeBytes <= maxBytes ? range.SizeBytes : Math.Min(range.SizeBytes, RoundUp(maxBytes));
            reach = new Reach(range.Start + size, size);
            return ActionOutcome.Applied;
        }

        var life = Alive();
        if (life != ActionOutcome.Applied)
        {
            return life;
        }

        var refreshed = HostOutcome.Of(_mappings.Refresh());
        if (refreshed != ActionOutcome.Applied)
        {
            return refreshed;
        }

        return action == SchemeAction.Collapse ? MeasureCollapse(range, maxBytes, filters, out reach) : MeasurePages(action, range, maxBytes, filters, out reach);
    }

    private ActionResult AdviseAndMeasure(SchemeAction action, ReadOnlySpan<AddressRange> ranges)
    {
        var advice = action switch
        {
            SchemeAction.Pageout => MemoryAdvice.PageOut,
            SchemeAction.Cold => MemoryAdvice.Cold,
            SchemeAction.WillNeed => MemoryAdvice.WillNeed,
            SchemeAction.Collapse => MemoryAdvice.Collapse,
            _ => 0,
        };
        if (action == SchemeAction.Stat || (advice != 0 && ranges.IsEmpty))
        {
            return new ActionResult(ActionOutcome.Nothing, 0, 0);
        }

        if (advice == 0)
        {
            return new ActionResult(ActionOutcome.Unsupported, 0, 0);
        }

        var life = Alive();
        if (life != ActionOutcome.Applied)
        {
            return new ActionResult(life, 0, 0);
        }

        // All of them may be inside of folios that begin before them: those go with what they begin in.
        var whole = ToWholeFolios(action, ranges);
        if (whole.IsEmpty)
        {
            return new ActionResult(ActionOutcome.Nothing, 0, 0);
        }

        var hasBefore = TryMeasureState(action, whole, isBefore: true, out var before);
        var outcome = AdviseAll(whole, advice, out var advised, out var errno);

        // What was asked for is what is told of, whatever lay across its ends.
        var asked = Sum(ranges);
        advised = outcome == ActionOutcome.Applied ? asked : Math.Min(advised, asked);

        // Also after a failure: ENOMEM and EAGAIN come after part of the work was done.
        ulong after = 0;
        var hasAfter = hasBefore && TryMeasureState(action, whole, isBefore: false, out after);
        var effect = hasAfter ? Effect(action, before, after) : 0;
        return outcome switch
        {
            ActionOutcome.Applied when !hasAfter => new ActionResult(ActionOutcome.Unmeasured, advised, 0),
            ActionOutcome.Applied when effect == 0 => new ActionResult(ActionOutcome.NoEffect, advised, 0),
            _ => new ActionResult(outcome, advised, effect, errno),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _mappings.Dispose();
        _pagemap.Dispose();
        _status.Dispose();
        _flags?.Dispose();
        _filterReader?.Dispose();
        _advice.Dispose();
    }

    /// <summary>As the public one, with the native call given. Owns <paramref name="advice"/> from success on.</summary>
    internal static HostResult<ProcessMadviseActor> Open(HostRoot host, ProcessIdentity process, TimeProvider time, IProcessMemoryAdvice advice)
    {
        var opened = TargetFiles.Open(host, process, time);
        if (!opened.TryGet(out var files))
        {
            return opened.Error;
        }

        var status = host.Open($"/proc/{process.Pid}/status");
        if (!status.IsOk)
        {
            files.Dispose();
            return status.Error;
        }

        var hugePageBytes = TransparentHugePages.ReadSizeBytes(host);
        return new ProcessMadviseActor(
            host, time, files.Watch, files.Mappings, files.Pagemap, status.Value, host.Open(FlagsPath).TryGet(out var flags) ? flags : null, advice, hugePageBytes);
    }

    private static bool IsAdvice(SchemeAction action) =>
        action is SchemeAction.Pageout or SchemeAction.Cold or SchemeAction.WillNeed or SchemeAction.Collapse;

    /// <summary>Where pages lie takes another call to find out; what advice cannot do can be counted all the same.</summary>
    private static bool IsCounted(SchemeAction action) => Enum.IsDefined(action) && action is not (SchemeAction.MigrateHot or SchemeAction.MigrateCold);

    /// <summary>The process runs on meanwhile: what it faulted in hides part of a page-out's effect, and never invents one.</summary>
    private static ulong Effect(SchemeAction action, ulong before, ulong after) => action == SchemeAction.Pageout
        ? before - Math.Min(before, after)
        : after - Math.Min(before, after);

    private static ulong Sum(ReadOnlySpan<AddressRange> ranges)
    {
        ulong bytes = 0;
        foreach (var range in ranges)
        {
            bytes += range.SizeBytes;
        }

        return bytes;
    }

    private ulong RoundUp(ulong bytes) => bytes > ulong.MaxValue - _pageBytes ? ulong.MaxValue : (bytes + _pageBytes - 1) / _pageBytes * _pageBytes;

    /// <summary>Keeps one line for people about an outcome that is not a success; the remedy where one is known.</summary>
    private ActionOutcome Explain(ActionOutcome outcome, SchemeAction action, int errno)
    {
        var number = errno == 0 ? "" : $" (error {errno})";
        LastError = outcome switch
        {
            not (ActionOutcome.Applied or ActionOutcome.Gone) when FilterError.Length > 0 => $"process {Process.Pid}: {FilterError}",
            ActionOutcome.Gone => $"process {Process.Pid} is gone or runs another program",
            ActionOutcome.Denied => $"process {Process.Pid}: {action} is denied{number}; run as root, or with CAP_SYS_PTRACE and CAP_SYS_NICE",
            ActionOutcome.TryAgain => $"process {Process.Pid}: {action} could not be finished now{number}; it is tried again",
            ActionOutcome.Unsupported when UserSpaceAction.WhyNot(action) is { Length: > 0 } why => $"process {Process.Pid}: {action}: {why}",
            ActionOutcome.Unsupported when action == SchemeAction.Reclaim => $"process {Process.Pid}: Reclaim takes from a control group, and none was given to reclaim from",
            ActionOutcome.Unsupported when !IsAdvice(action) && action != SchemeAction.Stat => $"process {Process.Pid}: {action} is no advice and is carried out by another call",
            ActionOutcome.Unsupported => $"process {Process.Pid}: this kernel does not accept {action} for another process{number}; see damonctl doctor",
            ActionOutcome.Partial => $"process {Process.Pid}: some ranges could not be advised with {action}{number}",
            ActionOutcome.Failed => $"process {Process.Pid}: {action} failed{number}",
            _ => "",
        };
        return outcome;
    }

    private ActionOutcome Alive() => _watch.Check() switch
    {
        ProcessLife.Same => ActionOutcome.Applied,
        ProcessLife.Unknown => ActionOutcome.TryAgain,
        _ => ActionOutcome.Gone,
    };

    /// <summary>
    /// The number whose change is the effect; false where there is none that would be honest: cold only reorders lists, and will-need reads into
    /// the swap cache, where neither pagemap nor VmSwap see it until the page is touched.
    /// </summary>
    private bool TryMeasureState(SchemeAction action, ReadOnlySpan<AddressRange> ranges, bool isBefore, out ulong state)
    {
        state = 0;
        return action switch
        {
            SchemeAction.Pageout => isBefore ? TryCountBeforePageout(ranges, out state) : TryCountAfterPageout(ranges, out state),
            SchemeAction.Collapse => _mappings.ReadHugePageBytes(ranges).TryGet(out state),
            _ => false,
        };
    }

    private bool TryCountBeforePageout(ReadOnlySpan<AddressRange> ranges, out ulong bytes)
    {
        bytes = 0;
        _fileFrameCount = 0;
        foreach (var range in ranges)
        {
            if (!TryCountPresent(range, FileFrames.Note, out var present))
            {
                return false;
            }

            bytes += present;
        }

        Array.Sort(_fileFrames, 0, _fileFrameCount);
        _isFrameMapped.AsSpan(0, _fileFrameCount).Clear();
        return true;
    }

    private bool TryCountAfterPageout(ReadOnlySpan<AddressRange> ranges, out ulong bytes)
    {
        bytes = 0;
        foreach (var range in ranges)
        {
            if (!TryCountPresent(range, FileFrames.Find, out var present))
            {
                return false;
            }

            bytes += present;
        }

        bytes += CountUnmappedButCached();
        return true;
    }

    /// <summary>
    /// Pages that left the page table and not the page cache. A frame that was freed and holds another file's page by now counts as well: that hides part of the effect. One that went into the swap
    /// cache (shared memory) or holds an anonymous page by now was freed.
    /// </summary>
    private ulong CountUnmappedButCached()
    {
        ulong bytes = 0;
        for (var i = 0; i < _fileFrameCount;)
        {
            var first = _fileFrames[i];
            var count = 1;
            while (i + count < _fileFrameCount && count < ChunkEntries && _fileFrames[i + count] == first + (ulong)count)
            {
                count++;
            }

            var entries = ThreadBuffers.Own.Entries;
            var target = MemoryMarshal.AsBytes(entries.AsSpan(0, count));
            var read = _flags!.ReadAt(target, checked((long)first * sizeof(ulong)));
            var known = read.IsOk ? read.Value / sizeof(ulong) : 0;
            for (var k = 0; k < count; k++)
            {
                // What cannot be known is taken to be there still.
                var flags = k < known ? (PageFlags)entries[k] : PageFlags.Lru;
                bytes += !_isFrameMapped[i + k] && (flags & (PageFlags.Lru | PageFlags.Anonymous | PageFlags.SwapCache)) == PageFlags.Lru ? _pageBytes : 0;
            }

            i += count;
        }

        return bytes;
    }

    /// <returns>False where it cannot be known, or the file pages are too many to remember.</returns>
    private bool TryCountPresent(AddressRange range, FileFrames fileFrames, out ulong bytes)
    {
        bytes = 0;
        for (var address = range.Start; address < range.End;)
        {
            if (!TryReadEntries(address, range.End, out var count).IsOk)
            {
                return false;
            }

            if (count == 0)
            {
                // Behind the last address that can have pages.
                return true;
            }

            foreach (var bits in ThreadBuffers.Own.Entries.AsSpan(0, count))
            {
                var entry = new PagemapEntry(bits);
                if (!entry.IsPresent)
                {
                    continue;
                }

                bytes += _pageBytes;
                if (fileFrames == FileFrames.Ignore || _flags is null || !entry.IsFileOrShared || entry.Frame == 0)
                {
                    continue;
                }

                if (fileFrames == FileFrames.Find)
                {
                    var index = Array.BinarySearch(_fileFrames, 0, _fileFrameCount, entry.Frame);
                    if (index >= 0)
                    {
                        _isFrameMapped[index] = true;
                    }
                }
                else if (!TryNoteFrame(entry.Frame))
                {
                    return false;
                }
            }

            address += (ulong)count * _pageBytes;
        }

        return true;
    }

    private bool TryNoteFrame(ulong frame)
    {
        if (_fileFrameCount == MaxFileFrames)
        {
            return false;
        }

        if (_fileFrameCount == _fileFrames.Length)
        {
            var size = Math.Clamp(_fileFrames.Length * 2, ChunkEntries, MaxFileFrames);
            Array.Resize(ref _fileFrames, size);
            Array.Resize(ref _isFrameMapped, size);
        }

        _fileFrames[_fileFrameCount++] = frame;
        return true;
    }

    private HostResult<int> TryReadEntries(ulong address, ulong end, out int count)
    {
        var wanted = (int)Math.Min(ChunkEntries, (end - address + _pageBytes - 1) / _pageBytes);
        var read = _pagemap.ReadAt(MemoryMarshal.AsBytes(ThreadBuffers.Own.Entries.AsSpan(0, wanted)), (long)(address / _pageBytes * PagemapEntry.SizeBytes));
        count = read.IsOk ? read.Value / PagemapEntry.SizeBytes : 0;
        return read;
    }

    private ActionOutcome MeasurePages(SchemeAction action, AddressRange range, ulong maxBytes, PageFilters filters, out Reach reach)
    {
        ulong reachable = 0, noSwap = 0, shared = 0, locked = 0, filtered = 0;
        var end = range.Start;
        var mapping = default(TargetMapping);
        while (end < range.End && reachable < maxBytes)
        {
            var read = TryReadEntries(end, range.End, out var count);
            if (!read.IsOk || count == 0)
            {
                reach = new Reach(read.IsOk ? range.End : end, reachable, noSwap, shared, locked, filtered);
                return read.IsOk ? Alive() : HostOutcome.Of(read.Error.Kind);
            }

            var judged = JudgePages(filters, count);
            if (judged != ActionOutcome.Applied)
            {
                reach = new Reach(end, reachable, noSwap, shared, locked, filtered);
                return judged;
            }

            var (entries, passes) = (ThreadBuffers.Own.Entries, ThreadBuffers.Own.Passes);
            for (var i = 0; i < count && reachable < maxBytes; i++)
            {
                var entry = new PagemapEntry(entries[i]);
                var address = end;
                end += _pageBytes;
                if (!IsLookedAt(action, entry))
                {
                    continue;
                }

                if (!filters.IsEmpty && !passes[i])
                {
                    filtered += _pageBytes;
                    continue;
                }

                if (action is SchemeAction.WillNeed or SchemeAction.Stat || UserSpaceAction.WhyNot(action).Length > 0)
                {
                    reachable += _pageBytes;
                    continue;
                }

                if (address >= mapping.End || mapping.End == 0)
                {
                    mapping = _mappings.At(address);
                }

                if (address >= mapping.Start && mapping.IsHeld)
                {
                    locked += _pageBytes;
                }
                else if (!entry.IsExclusive)
                {
                    shared += _pageBytes;
                }
                else if (!_mappings.HasFreeSwap && (!entry.IsFileOrShared || (address >= mapping.Start && mapping.FilePagesNeedSwap)))
                {
                    noSwap += _pageBytes;
                }
                else
                {
                    reachable += _pageBytes;
                }
            }
        }

        reach = new Reach(Math.Min(end, range.End), reachable, noSwap, shared, locked, filtered);
        return ActionOutcome.Applied;
    }

    /// <summary>Only whole, aligned huge pages can be collapsed; what is resident in them is what would move.</summary>
    private ActionOutcome MeasureCollapse(AddressRange range, ulong maxBytes, PageFilters filters, out Reach reach)
    {
        ulong reachable = 0, filtered = 0;
        var block = FirstBlock(range);
        while (block < range.End && range.End - block >= _hugePageBytes && reachable < maxBytes)
        {
            var next = block + _hugePageBytes;
            if (!filters.IsEmpty)
            {
                var judged = JudgeBlock(block, filters, out var pages, out var isHeldBack);
                if (judged != ActionOutcome.Applied)
                {
                    reach = new Reach(block, reachable, FilteredBytes: filtered);
                    return judged;
                }

                reachable += isHeldBack ? 0 : pages;
                filtered += isHeldBack ? pages : 0;
                block = next;
                continue;
            }

            if (!TryCountPresent(new AddressRange(block, next), FileFrames.Ignore, out var present))
            {
                reach = new Reach(block, reachable);
                var life = Alive();
                return life == ActionOutcome.Applied ? ActionOutcome.TryAgain : life;
            }

            reachable += present;
            block = next;
        }

        reach = new Reach(reachable >= maxBytes ? block : range.End, reachable, FilteredBytes: filtered);
        return ActionOutcome.Applied;
    }

    private ulong FirstBlock(AddressRange range) =>
        range.Start > ulong.MaxValue - _hugePageBytes ? range.End : (range.Start + _hugePageBytes - 1) / _hugePageBytes * _hugePageBytes;

    /// <summary>
    /// Goes through all ranges in batches. A call that did part of its work is continued behind it; a range the kernel cannot serve (a hole, a locked mapping) is passed over;
    /// anything that concerns the whole process ends it.
    /// </summary>
    private ActionOutcome AdviseAll(ReadOnlySpan<AddressRange> ranges, int advice, out ulong advised, out int errno)
    {
        advised = 0;
        errno = 0;
        var next = 0;
        var from = ranges[0].Start;
        var skipped = 0;
        var refused = 0;
        while (next < ranges.Length)
        {
            var count = Math.Min(IProcessMemoryAdvice.MaxRanges, ranges.Length - next);
            if (_batch.Length < count)
            {
                _batch = new AddressRange[count];
            }

            ranges.Slice(next, count).CopyTo(_batch);
            _batch[0] = new AddressRange(from, ranges[next].End);
            var result = _advice.Advise(_batch.AsSpan(0, count), advice);
            if (result > 0)
            {
                advised += Continue(ranges, (ulong)result, count, ref next, ref from);
                continue;
            }

            errno = (int)-result;
            switch (errno)
            {
                // No error and no progress would loop for ever: treated as a range that cannot be served.
                case 0:
                case Errno.ENOMEM:
                case Errno.EINVAL:
                    skipped++;
                    refused += errno == Errno.EINVAL ? 1 : 0;
                    next++;
                    from = next < ranges.Length ? ranges[next].Start : 0;
                    break;
                case Errno.ESRCH:
                    return ActionOutcome.Gone;
                case Errno.EPERM or Errno.EACCES:
                    return ActionOutcome.Denied;
                case Errno.EAGAIN or Errno.EINTR or Errno.EBUSY:
                    return ActionOutcome.TryAgain;
                case Errno.ENOSYS:
                    return ActionOutcome.Unsupported;
                default:
                    return ActionOutcome.Failed;
            }
        }

        // EINVAL means "unknown advice" as well as "not for this mapping": refused everywhere, the first is the likelier.
        return refused == ranges.Length ? ActionOutcome.Unsupported
            : skipped > 0 ? ActionOutcome.Partial
            : ActionOutcome.Applied;
    }

    /// <summary>Moves the position behind the bytes done.</summary>
    /// <returns>The bytes done, never more than were asked for in the batch.</returns>
    private static ulong Continue(ReadOnlySpan<AddressRange> ranges, ulong done, int count, ref int next, ref ulong from)
    {
        var counted = 0UL;
        for (; count > 0 && done > 0; count--)
        {
            var left = ranges[next].End - from;
            if (done < left)
            {
                from += done;
                return counted + done;
            }

            done -= left;
            counted += left;
            next++;
            from = next < ranges.Length ? ranges[next].Start : 0;
        }

        return counted;
    }

    /// <summary>What counting does with the frames of file pages it meets.</summary>
    private enum FileFrames
    {
        Ignore,
        Note,
        Find,
    }
}
