using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;

namespace Damon.Engine.Probes;

/// <summary>
/// Asks per page, without side effects on the kernel's own aging: marks the sampled page's frame idle in <c>/sys/kernel/mm/page_idle/bitmap</c> and looks, one interval later,
/// whether the mark is still there. Frames come from <c>/proc/PID/pagemap</c>.
/// </summary>
/// <remarks>
/// Only the first frame of a large folio carries the mark, and only pages on the page lists can be marked; <c>/proc/kpageflags</c> tells both. Where that file is missing the probe still
/// works on small pages; a page inside a large folio then always reads as accessed, because its own bit never stays set: hot by mistake is harmless, cold by mistake is not.
/// </remarks>
public sealed class IdlePageProbe : IAccessProbe
{
    private const string FlagsPath = "/proc/kpageflags";
    private const string NoFlags = FlagsPath + " is not readable: pages of large folios read as accessed";

    /// <summary>No folio that can be marked is larger than one entry of the second page-table level: a page of 8-byte entries, so 512 frames with 4 KiB pages.</summary>
    private static readonly ulong FramesPerBlock = (ulong)Native.PageSizeBytes / sizeof(ulong);

    /// <summary>
    /// Pages from one sampled page to the next up to which their pagemap entries are one read. A read costs 850 ns and each further entry 25 to 50 ns on Linux 6.18 (the comparison's results
    /// have the figures), so reading over a gap of 16 costs less than a call of its own.
    /// </summary>
    public const ulong PagemapReach = 16;

    /// <summary>The same for page flags, which the kernel works out frame by frame: 240 ns for a read, 90 ns for each entry.</summary>
    public const ulong FlagsReach = 3;

    /// <summary>Words in one call at the most: a page, which is what the kernel moves at once to and from a file of sysfs.</summary>
    private const int WordsPerCall = 512;

    private readonly ProbeReport _report = new();
    private readonly ProcessWatch _watch;
    private readonly HostFile _maps;
    private readonly HostFile _pagemap;
    private readonly HostFile _bitmap;
    private readonly HostFile? _flags;
    private readonly HostReader _reader;
    private readonly ulong _pageBytes = (ulong)Native.PageSizeBytes;

    private readonly ulong[] _words = new ulong[WordsPerCall];

    /// <summary>What carries the sampled pages' marks, ascending, and at the same place of <see cref="_order"/> which sampled page that is.</summary>
    private ulong[] _frames = [];
    private int[] _order = [];

    /// <summary>Frames of tails whose folio's first frame is still looked for, and which sampled pages they are.</summary>
    private ulong[] _tails = [];
    private int[] _tailOrder = [];

    private IdlePageProbe(ProcessWatch watch, HostFile maps, HostFile pagemap, HostFile bitmap, HostFile? flags)
    {
        _watch = watch;
        _maps = maps;
        _pagemap = pagemap;
        _bitmap = bitmap;
        _flags = flags;
        _reader = new HostReader(maxBytes: 32 * 1024 * 1024);
    }

    /// <inheritdoc/>
    public ProbeGranularity Granularity => ProbeGranularity.Page;

    /// <inheritdoc/>
    public string LastError => _report.LastError;

    /// <summary>Which process is watched.</summary>
    public ProcessIdentity Process => _watch.Identity;

    /// <summary>What this probe cannot do here, for people; empty where it can do everything.</summary>
    public string Limitation => _flags is null ? NoFlags : "";

    /// <summary>The system calls that looking has cost.</summary>
    public IdlePageCalls Calls => new(_pagemap.Reads, _flags?.Reads ?? 0, _bitmap.Reads, _bitmap.Writes);

    /// <summary>Opens a probe. Marks nothing yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="process">Which process it must be.</param>
    public static HostResult<IdlePageProbe> Open(HostRoot host, ProcessIdentity process)
    {
        var bitmap = host.Open(PageIdleBitmap.Path, HostFileAccess.ReadWrite);
        if (!bitmap.IsOk)
        {
            return bitmap.Error.Kind == HostErrorKind.Vanished
                ? new HostError(HostErrorKind.Unsupported, PageIdleBitmap.Path, "the kernel was built without CONFIG_IDLE_PAGE_TRACKING", bitmap.Error.Errno)
                : WithRemedy(bitmap.Error, "only root may use it");
        }

        var watch = ProcessWatch.Open(host, process);
        if (!watch.IsOk)
        {
            bitmap.Value.Dispose();
            return watch.Error;
        }

        var maps = host.Open($"/proc/{process.Pid}/maps");
        var pagemap = host.Open($"/proc/{process.Pid}/pagemap");
        if (!maps.IsOk || !pagemap.IsOk)
        {
            bitmap.Value.Dispose();
            watch.Value.Dispose();
            (maps.TryGet(out var openMaps) ? openMaps : null)?.Dispose();
            (pagemap.TryGet(out var openPagemap) ? openPagemap : null)?.Dispose();
            return maps.IsOk ? WithRemedy(pagemap.Error, PagemapEntry.Remedy) : WithRemedy(maps.Error, "CAP_SYS_PTRACE lets it be read");
        }

        return new IdlePageProbe(watch.Value, maps.Value, pagemap.Value, bitmap.Value, host.Open(FlagsPath).TryGet(out var flags) ? flags : null);
    }

    /// <inheritdoc/>
    public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
    {
        ranges.Clear();
        var life = _watch.Check();
        if (life is ProcessLife.Exited or ProcessLife.ReplacedByExec)
        {
            return _report.Gone(Process, life);
        }

        var read = _reader.Read(_maps);
        if (!read.IsOk)
        {
            return _report.Fail(read.Error);
        }

        if (_reader.Content.IsEmpty)
        {
            return _report.Gone(Process, ProcessLife.Exited);
        }

        AddressSpace.Read(_reader.Content, ranges);
        return _report.Succeed();
    }

    /// <inheritdoc/>
    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
    {
        var outcome = FindMarked(addresses, out var found);
        if (outcome != ProbeOutcome.Ok)
        {
            return outcome;
        }

        for (var i = 0; i < found;)
        {
            var (end, firstWord, length) = WordRun(i, found);

            // Bits that are 0 in a written word change nothing in the kernel, so other frames of the word keep their marks.
            var words = _words.AsSpan(0, length);
            words.Clear();
            for (; i < end; i++)
            {
                words[(int)(PageIdleBitmap.WordOf(_frames[i]) - firstWord)] |= PageIdleBitmap.BitOf(_frames[i]);
            }

            var written = WriteWords(words, firstWord);
            if (written != ProbeOutcome.Ok)
            {
                return written;
            }
        }

        return _report.Succeed();
    }

    /// <inheritdoc/>
    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
    {
        // The frames are looked up anew: a page that was swapped in or copied since Prepare has another frame, and that frame's mark answers. A page that was not there
        // at Prepare has never been marked, so it reads as accessed, which it was: something faulted it in. Migration moves the mark along.
        var outcome = FindMarked(addresses, out var found);
        if (outcome != ProbeOutcome.Ok)
        {
            return outcome;
        }

        seen[..addresses.Length].Clear();
        for (var i = 0; i < found;)
        {
            // Only words that are asked for: the kernel looks at each of a word's 64 frames, which is more than a call costs.
            var (end, firstWord, length) = WordRun(i, found);
            var words = _words.AsSpan(0, length);
            outcome = ReadWords(words, firstWord);
            if (outcome != ProbeOutcome.Ok)
            {
                return outcome;
            }

            for (; i < end; i++)
            {
                // FindMarked has left out, just now, what is not on the page lists.
                var isIdle = (words[(int)(PageIdleBitmap.WordOf(_frames[i]) - firstWord)] & PageIdleBitmap.BitOf(_frames[i])) != 0;
                seen[_order[i]] = isIdle ? AccessObservation.NotAccessed : AccessObservation.Accessed;
            }
        }

        return _report.Succeed();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        _maps.Dispose();
        _pagemap.Dispose();
        _bitmap.Dispose();
        _flags?.Dispose();
    }

    private static HostError WithRemedy(HostError error, string remedy) => error.Kind == HostErrorKind.Denied ? error with { Detail = remedy } : error;

    /// <summary>From one frame on, the frames whose words lie side by side and fit one call.</summary>
    private (int End, ulong FirstWord, int Length) WordRun(int first, int found)
    {
        var firstWord = PageIdleBitmap.WordOf(_frames[first]);
        var last = firstWord;
        var end = first + 1;
        for (; end < found; end++)
        {
            var word = PageIdleBitmap.WordOf(_frames[end]);
            if (word - last > 1 || word - firstWord >= WordsPerCall)
            {
                break;
            }

            last = word;
        }

        return (end, firstWord, (int)(last - firstWord) + 1);
    }

    private ProbeOutcome WriteWords(ReadOnlySpan<ulong> words, ulong firstWord)
    {
        while (!words.IsEmpty)
        {
            var written = _bitmap.WriteAt(MemoryMarshal.AsBytes(words), checked((long)firstWord * PageIdleBitmap.WordBytes));

            // ENXIO: frames beyond the system's memory (a device's). They then read as accessed or not at all; the others are fine.
            if (!written.IsOk)
            {
                return written.Error.Errno == Errno.ENXIO ? ProbeOutcome.Ok : _report.Fail(written.Error);
            }

            var done = written.Value / PageIdleBitmap.WordBytes;
            if (done == 0)
            {
                return ProbeOutcome.Ok;
            }

            words = words[done..];
            firstWord += (ulong)done;
        }

        return ProbeOutcome.Ok;
    }

    /// <summary>Reads words of the bitmap; those beyond its end are 0, as if accessed.</summary>
    private ProbeOutcome ReadWords(Span<ulong> words, ulong firstWord)
    {
        while (!words.IsEmpty)
        {
            var read = _bitmap.ReadAt(MemoryMarshal.AsBytes(words), checked((long)firstWord * PageIdleBitmap.WordBytes));
            if (!read.IsOk && read.Error.Errno != Errno.ENXIO)
            {
                return _report.Fail(read.Error);
            }

            var done = read.IsOk ? read.Value / PageIdleBitmap.WordBytes : 0;
            if (done == 0)
            {
                words.Clear();
                return ProbeOutcome.Ok;
            }

            words = words[done..];
            firstWord += (ulong)done;
        }

        return ProbeOutcome.Ok;
    }

    /// <summary>Fills <see cref="_frames"/> and <see cref="_order"/> with the frames that carry the marks of the sampled pages, ascending. Pages without one are left out.</summary>
    private ProbeOutcome FindMarked(ReadOnlySpan<ulong> addresses, out int found)
    {
        if (_frames.Length < addresses.Length)
        {
            var size = Math.Max(addresses.Length, _frames.Length * 2);
            _frames = new ulong[size];
            _order = new int[size];
            _tails = new ulong[size];
            _tailOrder = new int[size];
        }

        var outcome = FindFrames(addresses, out found);
        if (outcome != ProbeOutcome.Ok)
        {
            return outcome;
        }

        Array.Sort(_frames, _order, 0, found);
        if (_flags is not null)
        {
            found = KeepMarked(found);
        }

        return ProbeOutcome.Ok;
    }

    /// <summary>Fills <see cref="_frames"/> and <see cref="_order"/>, in the order of the addresses, with the frames of the pages that are in memory.</summary>
    private ProbeOutcome FindFrames(ReadOnlySpan<ulong> addresses, out int found)
    {
        found = 0;
        for (var i = 0; i < addresses.Length;)
        {
            // Addresses ascend; where they do not, the difference wraps round and a new run begins.
            var first = addresses[i] / _pageBytes;
            var last = first;
            var end = i + 1;
            for (; end < addresses.Length; end++)
            {
                var page = addresses[end] / _pageBytes;
                if (page - last > PagemapReach || page - first >= WordsPerCall)
                {
                    break;
                }

                last = page;
            }

            var words = _words.AsSpan(0, (int)(last - first) + 1);
            var read = _pagemap.ReadAt(MemoryMarshal.AsBytes(words), checked((long)(first * PagemapEntry.SizeBytes)));
            var got = read.IsOk ? (ulong)read.Value / PagemapEntry.SizeBytes : 0;
            if (got == 0)
            {
                // Nothing at this place: the address space is gone, or the address never was one. One question tells them apart.
                var life = _watch.Check();
                if (life != ProcessLife.Same)
                {
                    return life == ProcessLife.Unknown ? _report.Fail(new HostError(HostErrorKind.TryAgain, _pagemap.Path)) : _report.Gone(Process, life);
                }

                if (!read.IsOk && read.Error.Kind is HostErrorKind.Denied or HostErrorKind.TryAgain or HostErrorKind.Failed)
                {
                    return _report.Fail(read.Error);
                }

                i++;
                continue;
            }

            // A read that ends early is taken up again where it ended.
            for (; i < end && (addresses[i] / _pageBytes) - first < got; i++)
            {
                var entry = new PagemapEntry(words[(int)((addresses[i] / _pageBytes) - first)]);
                if (!entry.IsPresent)
                {
                    continue;
                }

                if (entry.Frame == 0)
                {
                    return _report.Fail(new HostError(HostErrorKind.Denied, _pagemap.Path, "frame numbers are hidden: CAP_SYS_ADMIN shows them"));
                }

                _frames[found] = entry.Frame;
                _order[found++] = i;
            }
        }

        return ProbeOutcome.Ok;
    }

    /// <summary>
    /// Of sorted frames, keeps those that can carry a mark, and puts in the place of a folio's tail its head.
    /// A folio is aligned to its size, a power of two. Clearing the lowest set bit of a tail's frame number again and again therefore meets only other tails of the same folio until it meets its
    /// head: at most nine entries with 4 KiB pages. Reading the whole block instead cost 50 to 200 µs for each page, a hundred times as much, because the kernel looks at every frame that is asked for.
    /// All tails take a step together, sorted anew each time, so that pages of one folio and of neighbouring ones share their reads.
    /// </summary>
    private int KeepMarked(int count)
    {
        var tails = SortOutTails(_frames, _order, count, 0, out var kept, isFirstLook: true);
        if (tails == 0)
        {
            return kept;
        }

        while (tails > 0)
        {
            Array.Sort(_tails, _tailOrder, 0, tails);
            tails = SortOutTails(_tails, _tailOrder, tails, kept, out kept, isFirstLook: false);
        }

        Array.Sort(_frames, _order, 0, kept);
        return kept;
    }

    /// <summary>Looks at the flags of sorted frames: appends those with a mark of their own to the kept ones, and makes <see cref="_tails"/> hold the next step of those that are tails.</summary>
    /// <remarks>Both outputs may be the input's own arrays: neither is ever written beyond what has been read.</remarks>
    private int SortOutTails(ulong[] frames, int[] order, int count, int alreadyKept, out int kept, bool isFirstLook)
    {
        kept = alreadyKept;
        var tails = 0;
        for (var i = 0; i < count;)
        {
            var first = frames[i];
            var last = first;
            var end = i + 1;
            for (; end < count; end++)
            {
                if (frames[end] - last > FlagsReach || frames[end] - first >= WordsPerCall)
                {
                    break;
                }

                last = frames[end];
            }

            var words = _words.AsSpan(0, (int)(last - first) + 1);
            var read = _flags!.ReadAt(MemoryMarshal.AsBytes(words), checked((long)(first * sizeof(ulong))));
            var got = read.IsOk ? (ulong)read.Value / sizeof(ulong) : 0;
            for (; i < end; i++)
            {
                var frame = frames[i];
                var page = order[i];
                if (frame - first >= got)
                {
                    // Beyond the system's memory.
                    continue;
                }

                var flags = (PageFlags)words[(int)(frame - first)];
                if ((flags & PageFlags.CompoundTail) != PageFlags.None)
                {
                    if (frame % FramesPerBlock != 0)
                    {
                        _tails[tails] = frame & (frame - 1);
                        _tailOrder[tails++] = page;
                    }
                }

                // A small page on the way to a head means that the folio was split while we looked.
                else if ((isFirstLook || (flags & PageFlags.CompoundHead) != PageFlags.None) && (flags & (PageFlags.Lru | PageFlags.HugeTlb)) == PageFlags.Lru)
                {
                    _frames[kept] = frame;
                    _order[kept++] = page;
                }
            }
        }

        return tails;
    }
}
