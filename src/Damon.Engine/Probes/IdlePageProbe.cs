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

    private readonly ProbeReport _report = new();
    private readonly ProcessWatch _watch;
    private readonly HostFile _maps;
    private readonly HostFile _pagemap;
    private readonly HostFile _bitmap;
    private readonly HostFile? _flags;
    private readonly HostReader _reader;
    private readonly ulong _pageBytes = (ulong)Native.PageSizeBytes;

    private readonly ulong[] _one = new ulong[1];
    private ulong[] _frames = [];
    private int[] _order = [];

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
            return WithRemedy(maps.IsOk ? pagemap.Error : maps.Error, "CAP_SYS_PTRACE lets it be read");
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

        var open = default(AddressRange);
        foreach (var mapping in ProcMaps.Enumerate(_reader.Content))
        {
            if (mapping.Start < open.End || !mapping.CanHoldPages)
            {
                continue;
            }

            if (mapping.Start == open.End)
            {
                open = open with { End = mapping.End };
            }
            else
            {
                ranges.Add(open);
                open = new AddressRange(mapping.Start, mapping.End);
            }
        }

        ranges.Add(open);
        return _report.Succeed();
    }

    /// <inheritdoc/>
    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
    {
        var outcome = FindFrames(addresses);
        if (outcome != ProbeOutcome.Ok)
        {
            return outcome;
        }

        Array.Sort(_frames, 0, addresses.Length);
        for (var i = 0; i < addresses.Length;)
        {
            if (_frames[i] == 0)
            {
                i++;
                continue;
            }

            // Bits that are 0 in a written word change nothing in the kernel, so other frames of the word keep their marks.
            var word = PageIdleBitmap.WordOf(_frames[i]);
            var bits = 0UL;
            for (; i < addresses.Length && PageIdleBitmap.WordOf(_frames[i]) == word; i++)
            {
                bits |= PageIdleBitmap.BitOf(_frames[i]);
            }

            _one[0] = bits;
            var written = _bitmap.WriteAt(MemoryMarshal.AsBytes(_one.AsSpan()), checked((long)word * PageIdleBitmap.WordBytes));

            // ENXIO: a frame beyond the system's memory (a device's). It then reads as accessed or not at all; the others are fine.
            if (!written.IsOk && written.Error.Errno != Errno.ENXIO)
            {
                return _report.Fail(written.Error);
            }
        }

        return _report.Succeed();
    }

    /// <inheritdoc/>
    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
    {
        // The frames are looked up anew: a page that was swapped in or copied since Prepare has another frame, and that frame's mark answers. A page that was not there
        // at Prepare has never been marked, so it reads as accessed, which it was: something faulted it in. Migration moves the mark along.
        var outcome = FindFrames(addresses);
        if (outcome != ProbeOutcome.Ok)
        {
            return outcome;
        }

        for (var i = 0; i < addresses.Length; i++)
        {
            _order[i] = i;
        }

        Array.Sort(_frames, _order, 0, addresses.Length);
        var word = ulong.MaxValue;
        var bits = 0UL;
        for (var i = 0; i < addresses.Length; i++)
        {
            var frame = _frames[i];
            if (frame == 0)
            {
                seen[_order[i]] = AccessObservation.NotAccessed;
                continue;
            }

            if (PageIdleBitmap.WordOf(frame) != word)
            {
                word = PageIdleBitmap.WordOf(frame);
                var read = _bitmap.ReadAt(MemoryMarshal.AsBytes(_one.AsSpan()), checked((long)word * PageIdleBitmap.WordBytes));
                if (!read.IsOk && read.Error.Errno != Errno.ENXIO)
                {
                    return _report.Fail(read.Error);
                }

                bits = read.IsOk && read.Value == PageIdleBitmap.WordBytes ? _one[0] : 0;
            }

            // FindFrames has left out, just now, what is not on the page lists.
            seen[_order[i]] = (bits & PageIdleBitmap.BitOf(frame)) != 0 ? AccessObservation.NotAccessed : AccessObservation.Accessed;
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

    /// <summary>Fills <see cref="_frames"/>, in the order of the addresses, with the frame that carries each page's mark; 0 where there is none to ask.</summary>
    private ProbeOutcome FindFrames(ReadOnlySpan<ulong> addresses)
    {
        if (_frames.Length < addresses.Length)
        {
            var size = Math.Max(addresses.Length, _frames.Length * 2);
            _frames = new ulong[size];
            _order = new int[size];
        }

        for (var i = 0; i < addresses.Length; i++)
        {
            _frames[i] = 0;
            var read = _pagemap.ReadAt(MemoryMarshal.AsBytes(_one.AsSpan()), (long)(addresses[i] / _pageBytes * PagemapEntry.SizeBytes));
            if (!read.IsOk || read.Value < PagemapEntry.SizeBytes)
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

                continue;
            }

            var entry = new PagemapEntry(_one[0]);
            if (!entry.IsPresent)
            {
                continue;
            }

            if (entry.Frame == 0)
            {
                return _report.Fail(new HostError(HostErrorKind.Denied, _pagemap.Path, "frame numbers are hidden: CAP_SYS_ADMIN shows them"));
            }

            _frames[i] = MarkedFrame(entry.Frame);
        }

        return ProbeOutcome.Ok;
    }

    /// <summary>
    /// A folio is aligned to its size, a power of two. Clearing the lowest set bit of a tail's frame number again and again therefore meets only other tails of the same folio until it meets its
    /// head: at most nine entries with 4 KiB pages. Reading the whole block instead cost 50 to 200 µs for each page, a hundred times as much, because the kernel looks at every frame that is asked for.
    /// </summary>
    private ulong MarkedFrame(ulong frame)
    {
        if (_flags is null)
        {
            return frame;
        }

        if (!TryReadFlags(frame, out var flags))
        {
            return 0;
        }

        if ((flags & PageFlags.CompoundTail) != PageFlags.None)
        {
            do
            {
                if (frame % FramesPerBlock == 0)
                {
                    return 0;
                }

                frame &= frame - 1;
                if (!TryReadFlags(frame, out flags))
                {
                    return 0;
                }
            }
            while ((flags & PageFlags.CompoundTail) != PageFlags.None);

            // A small page on the way means that the folio was split while we looked.
            if ((flags & PageFlags.CompoundHead) == PageFlags.None)
            {
                return 0;
            }
        }

        return (flags & (PageFlags.Lru | PageFlags.HugeTlb)) == PageFlags.Lru ? frame : 0;
    }

    private bool TryReadFlags(ulong frame, out PageFlags flags)
    {
        var target = MemoryMarshal.AsBytes(_one.AsSpan());
        var read = _flags!.ReadAt(target, checked((long)frame * sizeof(ulong)));
        flags = (PageFlags)_one[0];
        return read.IsOk && read.Value == target.Length;
    }
}
