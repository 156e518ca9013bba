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
    private readonly ulong _pageBytes = (ulong)Native.PageSizeBytes;

    /// <summary>The calling thread's, taken anew with each call: nothing in it outlasts one.</summary>
    private Marks _marks = Marks.Own;

    private IdlePageProbe(ProcessWatch watch, HostFile maps, HostFile pagemap, HostFile bitmap, HostFile? flags)
    {
        _watch = watch;
        _maps = maps;
        _pagemap = pagemap;
        _bitmap = bitmap;
        _flags = flags;
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

        var reader = ThreadBuffers.Own.Reader;
        var read = reader.Read(_maps);
        if (!read.IsOk)
        {
            return _report.Fail(read.Error);
        }

        if (reader.Content.IsEmpty)
        {
            return _report.Gone(Process, ProcessLife.Exited);
        }

        AddressSpace.Read(reader.Content, ranges);
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
            var words = _marks.Words.AsSpan(0, length);
            words.Clear();
            for (; i < end; i++)
            {
                words[(int)(PageIdleBitmap.WordOf(_marks.Frames[i]) - firstWord)] |= PageIdleBitmap.BitOf(_marks.Frames[i]);
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
            var words = _marks.Words.AsSpan(0, length);
            outcome = ReadWords(words, firstWord);
            if (outcome != ProbeOutcome.Ok)
            {
                return outcome;
            }

            for (; i < end; i++)
            {
                // FindMarked has left out, just now, what is not on the page lists.
                var isIdle = (words[(int)(PageIdleBitmap.WordOf(_marks.Frames[i]) - firstWord)] & PageIdleBitmap.BitOf(_marks.Frames[i])) != 0;
                seen[_marks.Order[i]] = isIdle ? AccessObservation.NotAccessed : AccessObservation.Accessed;
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
        var firstWord = PageIdleBitmap.WordOf(_marks.Frames[first]);
        var last = firstWord;
        var end = first + 1;
        for (; end < found; end++)
        {
            var word = PageIdleBitmap.WordOf(_marks.Frames[end]);
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

    /// <summary>Fills <see cref="Marks.Frames"/> and <see cref="Marks.Order"/> with the frames that carry the marks of the sampled pages, ascending. Pages without one are left out.</summary>
    private ProbeOutcome FindMarked(ReadOnlySpan<ulong> addresses, out int found)
    {
        _marks = Marks.Own;
        _marks.Fit(addresses.Length);
        var outcome = FindFrames(addresses, out found);
        if (outcome != ProbeOutcome.Ok)
        {
            return outcome;
        }

        Array.Sort(_marks.Frames, _marks.Order, 0, found);
        if (_flags is not null)
        {
            found = KeepMarked(found);
        }

        return ProbeOutcome.Ok;
    }

    /// <summary>Fills <see cref="Marks.Frames"/> and <see cref="Marks.Order"/>, in the order of the addresses, with the frames of the pages that are in memory.</summary>
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

            var words = _marks.Words.AsSpan(0, (int)(last - first) + 1);
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

                _marks.Frames[found] = entry.Frame;
                _marks.Order[found++] = i;
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
        var tails = SortOutTails(_marks.Frames, _marks.Order, count, 0, out var kept, isFirstLook: true);
        if (tails == 0)
        {
            return kept;
        }

        while (tails > 0)
        {
            Array.Sort(_marks.Tails, _marks.TailOrder, 0, tails);
            tails = SortOutTails(_marks.Tails, _marks.TailOrder, tails, kept, out kept, isFirstLook: false);
        }

        Array.Sort(_marks.Frames, _marks.Order, 0, kept);
        return kept;
    }

    /// <summary>Looks at the flags of sorted frames: appends those with a mark of their own to the kept ones, and makes <see cref="Marks.Tails"/> hold the next step of those that are tails.</summary>
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

            var words = _marks.Words.AsSpan(0, (int)(last - first) + 1);
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
                        _marks.Tails[tails] = frame & (frame - 1);
                        _marks.TailOrder[tails++] = page;
                    }
                }

                // A small page on the way to a head means that the folio was split while we looked.
                else if ((isFirstLook || (flags & PageFlags.CompoundHead) != PageFlags.None) && (flags & (PageFlags.Lru | PageFlags.HugeTlb)) == PageFlags.Lru)
                {
                    _marks.Frames[kept] = frame;
                    _marks.Order[kept++] = page;
                }
            }
        }

        return tails;
    }

    /// <summary>What a look works with, a set for each thread: probes are many.</summary>
    private sealed class Marks
    {
        [ThreadStatic]
        private static Marks? _own;

        private Marks()
        {
        }

        public static Marks Own => _own ??= new Marks();

        public ulong[] Words { get; } = new ulong[WordsPerCall];

        /// <summary>What carries the sampled pages' marks, ascending, and at the same place of <see cref="Order"/> which sampled page that is.</summary>
        public ulong[] Frames { get; private set; } = [];

        public int[] Order { get; private set; } = [];

        /// <summary>Frames of tails whose folio's first frame is still looked for, and at the same place of <see cref="TailOrder"/> which sampled pages they are.</summary>
        public ulong[] Tails { get; private set; } = [];

        public int[] TailOrder { get; private set; } = [];

        public void Fit(int pages)
        {
            if (Frames.Length < pages)
            {
                var size = Math.Max(pages, Frames.Length * 2);
                (Frames, Order, Tails, TailOrder) = (new ulong[size], new int[size], new ulong[size], new int[size]);
            }
        }
    }
}
