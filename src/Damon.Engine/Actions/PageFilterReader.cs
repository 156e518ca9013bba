using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Interop;
using Damon.Engine.Schemes;

namespace Damon.Engine.Actions;

/// <summary>
/// Judges pages by a scheme's page filters. Whether a page is anonymous stands in its page-map entry; everything else is known of its frame: <c>/proc/kpageflags</c>, <c>/proc/kpagecgroup</c> and
/// the idle-page bitmap, which take CAP_SYS_ADMIN or root.
/// </summary>
/// <remarks>
/// What cannot be known is an error, and a single page of which it cannot be known is held back: excluded memory is never touched because a filter could not be judged. Young is what DAMON takes for it:
/// a page without the idle mark, accessed since it was marked or never marked. The mark, and the place on the page lists, are those of the folio's first page. A page in swap is anonymous, on no list and
/// not accessed; its folio and its control group are not known.
/// </remarks>
internal sealed class PageFilterReader : IDisposable
{
    private const string FlagsPath = "/proc/kpageflags";
    private const string CgroupsPath = "/proc/kpagecgroup";

    /// <summary>Flags of frames that lie close are read at once: reading one frame too many costs less than another call.</summary>
    private const int MaxGap = 8;
    private const int WindowFrames = 512;

    /// <summary>1 GiB with 4 KiB pages: the largest page there is.</summary>
    private const ulong MaxFolioFrames = 1UL << 18;

    private const PageFactKinds OfFrames = PageFactKinds.Active | PageFactKinds.Young | PageFactKinds.FolioSize | PageFactKinds.Cgroup;

    private static readonly PageFacts Swapped = new(PageFactKinds.Anonymous | PageFactKinds.Active | PageFactKinds.Young, IsAnonymous: true);

    private readonly HostRoot _host;
    private readonly CgroupMembership _cgroups;
    private readonly ulong _pageBytes = (ulong)Native.PageSizeBytes;
    private ulong[] _window = [];
    private readonly ulong[] _one = new ulong[1];
    private HostFile? _flags;
    private HostFile? _pageCgroups;
    private HostFile? _idle;
    private ulong _windowStart;
    private int _windowCount;
    private ulong _idleWord;
    private ulong _idleBits;
    private Folio _folio;

    /// <summary>Makes a reader; it opens what it needs when it first needs it.</summary>
    /// <param name="host">The host.</param>
    /// <param name="time">The clock.</param>
    public PageFilterReader(HostRoot host, TimeProvider time)
    {
        _host = host;
        _cgroups = new CgroupMembership(host, time);
    }

    /// <summary>Why the last call failed, for people; empty after a success.</summary>
    public string LastError { get; private set; } = "";

    public void ForgetError() => LastError = "";

    /// <summary>Judges pages.</summary>
    /// <param name="filters">By what.</param>
    /// <param name="entries">Their page-map entries, at most <see cref="ThreadBuffers.EntryCount"/>.</param>
    /// <param name="passes">For each, whether it is let through; says nothing of entries without a page.</param>
    public HostErrorKind Judge(PageFilters filters, ReadOnlySpan<ulong> entries, Span<bool> passes)
    {
        var needs = filters.Needs;
        if ((needs & OfFrames) == PageFactKinds.None)
        {
            for (var i = 0; i < entries.Length; i++)
            {
                passes[i] = filters.Pass(new PageFacts(PageFactKinds.Anonymous, !new PagemapEntry(entries[i]).IsFileOrShared));
            }

            return HostErrorKind.None;
        }

        var opened = OpenFor(filters, needs);
        if (opened != HostErrorKind.None)
        {
            return opened;
        }

        for (var i = 0; i < entries.Length; i++)
        {
            passes[i] = new PagemapEntry(entries[i]).IsSwapped && filters.Pass(Swapped);
        }

        var order = ThreadBuffers.Own.Order;
        var sorted = SortFrames(entries, filters, out var frames);
        for (var i = 0; sorted == HostErrorKind.None && i < frames.Length; i++)
        {
            sorted = FindFolio(frames[i..], needs);
            var isAnonymous = !new PagemapEntry(entries[order[i]]).IsFileOrShared;
            passes[order[i]] = sorted == HostErrorKind.None && filters.Pass(_folio.Facts with { IsAnonymous = isAnonymous });
        }

        return sorted;
    }

    /// <summary>Marks the pages' folios as not accessed.</summary>
    /// <param name="entries">The page-map entries, at most <see cref="ThreadBuffers.EntryCount"/>.</param>
    public HostErrorKind MarkOld(ReadOnlySpan<ulong> entries)
    {
        const PageFactKinds Needs = PageFactKinds.Young;
        var opened = OpenFor(default, Needs);
        if (opened != HostErrorKind.None)
        {
            return opened;
        }

        var sorted = SortFrames(entries, default, out var frames);
        var word = 0UL;
        var bits = 0UL;
        for (var i = 0; sorted == HostErrorKind.None && i < frames.Length; i++)
        {
            sorted = FindFolio(frames[i..], Needs);
            if (sorted != HostErrorKind.None || (_folio.Facts.Known & Needs) == PageFactKinds.None)
            {
                continue;
            }

            // Folios are met in the order of their pages' frames, so those of one word follow each other.
            if (PageIdleBitmap.WordOf(_folio.Start) != word)
            {
                sorted = WriteIdle(word, bits);
                word = PageIdleBitmap.WordOf(_folio.Start);
                bits = 0;
            }

            bits |= PageIdleBitmap.BitOf(_folio.Start);
        }

        return sorted == HostErrorKind.None ? WriteIdle(word, bits) : sorted;
    }

    public void Dispose()
    {
        _flags?.Dispose();
        _pageCgroups?.Dispose();
        _idle?.Dispose();
    }

    private static string Names(PageFilters filters) =>
        filters.IsEmpty
            ? "the filter Young"
            : "the filter " + string.Join(", ", filters.All.ToArray().Select(f => f.Type).Where(t => t is not (SchemeFilterType.Anonymous or SchemeFilterType.Unmapped)).Distinct());

    private HostErrorKind OpenFor(PageFilters filters, PageFactKinds needs)
    {
        _windowCount = 0;
        _folio = default;
        _idleWord = ulong.MaxValue;
        var flags = Open(ref _flags, FlagsPath, HostFileAccess.Read, filters);
        if (flags != HostErrorKind.None)
        {
            return flags;
        }

        if ((needs & PageFactKinds.Young) != PageFactKinds.None)
        {
            var idle = Open(ref _idle, PageIdleBitmap.Path, HostFileAccess.ReadWrite, filters);
            if (idle != HostErrorKind.None)
            {
                return idle;
            }
        }

        if ((needs & PageFactKinds.Cgroup) == PageFactKinds.None)
        {
            return HostErrorKind.None;
        }

        var pageCgroups = Open(ref _pageCgroups, CgroupsPath, HostFileAccess.Read, filters);
        if (pageCgroups != HostErrorKind.None)
        {
            return pageCgroups;
        }

        var refreshed = _cgroups.Refresh(filters);
        LastError = refreshed == HostErrorKind.None ? "" : _cgroups.LastError;
        return refreshed;
    }

    private HostErrorKind Open(ref HostFile? file, string path, HostFileAccess access, PageFilters filters)
    {
        if (file is not null)
        {
            return HostErrorKind.None;
        }

        var opened = _host.Open(path, access);
        if (opened.TryGet(out file))
        {
            return HostErrorKind.None;
        }

        file = null;
        if (opened.Error.Kind == HostErrorKind.Vanished)
        {
            LastError = $"{Names(filters)} cannot be judged: this kernel has no {path}";
            return HostErrorKind.Unsupported;
        }

        return Fail(opened.Error, filters);
    }

    private HostErrorKind Fail(HostError error, PageFilters filters)
    {
        LastError = error.Kind == HostErrorKind.Denied
            ? $"{Names(filters)} cannot be judged: {error.Subject} is denied; run as root, or with CAP_SYS_ADMIN"
            : $"{Names(filters)} cannot be judged: {error}";
        return error.Kind;
    }

    /// <summary>Finds the frames of the pages that are there, ascending; <see cref="ThreadBuffers.Order"/> then says which entries they are of.</summary>
    private HostErrorKind SortFrames(ReadOnlySpan<ulong> entries, PageFilters filters, out ReadOnlySpan<ulong> sorted)
    {
        var (frames, order) = (ThreadBuffers.Own.Frames, ThreadBuffers.Own.Order);
        sorted = default;
        var count = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = new PagemapEntry(entries[i]);
            if (!entry.IsPresent)
            {
                continue;
            }

            if (entry.Frame == 0)
            {
                LastError = $"{Names(filters)} cannot be judged: frame numbers are hidden; run as root, or with CAP_SYS_ADMIN";
                return HostErrorKind.Denied;
            }

            frames[count] = entry.Frame;
            order[count++] = i;
        }

        Array.Sort(frames, order, 0, count);
        sorted = frames.AsSpan(0, count);
        return HostErrorKind.None;
    }

    /// <summary>Finds what is known of the folio that the first of some frames belongs to, into <see cref="_folio"/>.</summary>
    private HostErrorKind FindFolio(ReadOnlySpan<ulong> frames, PageFactKinds needs)
    {
        var frame = frames[0];
        if (frame >= _folio.Start && frame < _folio.End)
        {
            return HostErrorKind.None;
        }

        FillWindow(frames);
        _folio = new Folio(frame, frame + 1, new PageFacts(PageFactKinds.Anonymous));
        if (!TryReadFlags(frame, out var flags))
        {
            return HostErrorKind.None;
        }

        var head = frame;
        while ((flags & PageFlags.CompoundTail) != PageFlags.None)
        {
            // A folio is aligned to its size, a power of two: clearing the lowest set bit meets only its own pages until it meets the first.
            head &= head - 1;
            if (head == 0 || !TryReadFlags(head, out flags))
            {
                return HostErrorKind.None;
            }
        }

        var count = 1UL;
        if ((flags & PageFlags.CompoundHead) != PageFlags.None)
        {
            for (; count < MaxFolioFrames && (head & count) == 0 && TryReadFlags(head + count, out var next) && (next & PageFlags.CompoundTail) != PageFlags.None; count *= 2)
            {
            }
        }

        if (frame >= head + count)
        {
            // It was split, or made, while we looked: nothing that was read of it belongs together.
            return HostErrorKind.None;
        }

        return Describe(head, count, flags, needs);
    }

    private HostErrorKind Describe(ulong head, ulong frames, PageFlags flags, PageFactKinds needs)
    {
        var facts = new PageFacts(
            PageFactKinds.Anonymous | PageFactKinds.Active | PageFactKinds.FolioSize,
            IsActive: (flags & PageFlags.Active) != PageFlags.None,
            FolioBytes: frames * _pageBytes);
        if ((needs & PageFactKinds.Young) != PageFactKinds.None && (flags & (PageFlags.Lru | PageFlags.HugeTlb)) == PageFlags.Lru)
        {
            var read = ReadIdle(head, out var isKnown, out var isIdle);
            if (read != HostErrorKind.None)
            {
                return read;
            }

            facts = isKnown ? facts with { Known = facts.Known | PageFactKinds.Young, IsYoung = !isIdle } : facts;
        }

        if ((needs & PageFactKinds.Cgroup) != PageFactKinds.None)
        {
            var read = ReadCgroup(head, out var isKnown, out var filters);
            if (read != HostErrorKind.None)
            {
                return read;
            }

            facts = isKnown ? facts with { Known = facts.Known | PageFactKinds.Cgroup, CgroupFilters = filters } : facts;
        }

        _folio = new Folio(head, head + frames, facts);
        return HostErrorKind.None;
    }

    private void FillWindow(ReadOnlySpan<ulong> frames)
    {
        var first = frames[0];
        if (first >= _windowStart && first - _windowStart < (ulong)_windowCount)
        {
            return;
        }

        var last = first;
        for (var i = 1; i < frames.Length && frames[i] - last <= MaxGap && frames[i] - first < WindowFrames; i++)
        {
            last = frames[i];
        }

        if (_window.Length == 0)
        {
            _window = new ulong[WindowFrames];
        }

        _windowStart = first;
        _windowCount = Read(_flags!, first, _window.AsSpan(0, (int)(last - first) + 1));
    }

    private bool TryReadFlags(ulong frame, out PageFlags flags)
    {
        if (frame >= _windowStart && frame - _windowStart < (ulong)_windowCount)
        {
            flags = (PageFlags)_window[frame - _windowStart];
            return true;
        }

        var isRead = Read(_flags!, frame, _one) == 1;
        flags = isRead ? (PageFlags)_one[0] : PageFlags.None;
        return isRead;
    }

    /// <summary>How many values were read; what could not be read of single frames leaves their pages unknown.</summary>
    private static int Read(HostFile file, ulong frame, Span<ulong> values)
    {
        var read = file.ReadAt(MemoryMarshal.AsBytes(values), checked((long)frame * sizeof(ulong)));
        return read.IsOk ? read.Value / sizeof(ulong) : 0;
    }

    private HostErrorKind ReadIdle(ulong frame, out bool isKnown, out bool isIdle)
    {
        isKnown = true;
        if (PageIdleBitmap.WordOf(frame) != _idleWord)
        {
            var read = _idle!.ReadAt(MemoryMarshal.AsBytes(_one.AsSpan()), checked((long)PageIdleBitmap.WordOf(frame) * PageIdleBitmap.WordBytes));
            if (!read.IsOk && read.Error.Errno != Errno.ENXIO)
            {
                isIdle = false;
                return Fail(read.Error, default);
            }

            isKnown = read.IsOk && read.Value == PageIdleBitmap.WordBytes;
            _idleWord = isKnown ? PageIdleBitmap.WordOf(frame) : ulong.MaxValue;
            _idleBits = _one[0];
        }

        isIdle = (_idleBits & PageIdleBitmap.BitOf(frame)) != 0;
        return HostErrorKind.None;
    }

    private HostErrorKind WriteIdle(ulong word, ulong bits)
    {
        if (bits == 0)
        {
            return HostErrorKind.None;
        }

        // Bits that are 0 in a written word change nothing in the kernel.
        _one[0] = bits;
        var written = _idle!.WriteAt(MemoryMarshal.AsBytes(_one.AsSpan()), checked((long)word * PageIdleBitmap.WordBytes));
        return written.IsOk || written.Error.Errno == Errno.ENXIO ? HostErrorKind.None : Fail(written.Error, default);
    }

    private HostErrorKind ReadCgroup(ulong frame, out bool isKnown, out uint filters)
    {
        filters = 0;
        isKnown = Read(_pageCgroups!, frame, _one) == 1;
        if (!isKnown || _one[0] == 0)
        {
            // 0: charged to no group.
            return HostErrorKind.None;
        }

        var found = _cgroups.Find(_one[0], out filters);
        LastError = found == HostErrorKind.None ? LastError : _cgroups.LastError;
        return found;
    }

    /// <summary>The frames from <paramref name="Start"/> up to, not including, <paramref name="End"/>, of which the same is known.</summary>
    private readonly record struct Folio(ulong Start, ulong End, PageFacts Facts);
}
