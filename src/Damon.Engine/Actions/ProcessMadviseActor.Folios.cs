using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Actions;

public sealed partial class ProcessMadviseActor
{
    /// <summary>The ranges of a call as the kernel is given them.</summary>
    private AddressRange[] _whole = [];

    /// <summary>
    /// Moves the ends of ranges to the borders of the large folios of files that lie across them. Advice on a part of such a folio has the kernel split it, which takes all of it out of the page table and none of it out of
    /// the page cache: nothing is given back, and neither this actor nor the next advice sees those pages again (mm/madvise.c, madvise_cold_or_pageout_pte_range(): what is left to visit after the split is not mapped). With regions
    /// smaller than the folios, as they are on ext4 and xfs, a whole file is lost to reclaim that way.
    /// </summary>
    /// <remarks>
    /// A folio is of the range that has its first page, so that each is met once, whatever the regions are. Its pages share one mark of being idle and, mapped as one, one accessed bit: what is known of the first is known of
    /// all. One that the process does not map from end to end is cut by the kernel
    /// whatever is asked for. Without CAP_SYS_ADMIN folios cannot be seen, and ranges stay as they are.
    /// </remarks>
    /// <param name="action">What is done.</param>
    /// <param name="ranges">The ranges that were asked for.</param>
    /// <returns>Ranges without empty ones; the same memory where nothing lies across a border.</returns>
    private ReadOnlySpan<AddressRange> ToWholeFolios(SchemeAction action, ReadOnlySpan<AddressRange> ranges)
    {
        if (_flags is null || action is not (SchemeAction.Pageout or SchemeAction.Cold))
        {
            return ranges;
        }

        if (_whole.Length < ranges.Length)
        {
            _whole = new AddressRange[Math.Max(ranges.Length, 64)];
        }

        var count = 0;
        foreach (var range in ranges)
        {
            var start = range.Start;
            var end = range.End;
            if (TryFindFolio(start, out var first) && first.Start < start && IsMappedWhole(first))
            {
                start = Math.Min(first.End, end);
            }

            if (start < end && TryFindFolio(end - _pageBytes, out var last) && last.End > end && IsMappedWhole(last))
            {
                end = last.End;
            }

            if (start < end)
            {
                _whole[count++] = new AddressRange(start, end);
            }
        }

        return _whole.AsSpan(0, count);
    }

    /// <summary>Where the large folio of a file would lie in full that an address's page belongs to. False where there is none, or where it cannot be seen.</summary>
    private bool TryFindFolio(ulong address, out AddressRange folio)
    {
        folio = default;
        if (ReadEntry(address) is not { IsPresent: true, IsFileOrShared: true } entry || entry.Frame == 0)
        {
            return false;
        }

        // A folio is as many frames as a power of two, and begins at a multiple of that: taking the lowest bit off a tail's frame meets only tails of the same folio, and then its head.
        var head = entry.Frame;
        PageFlags flags;
        while (((flags = ReadFlags(head)) & PageFlags.CompoundTail) != PageFlags.None && (head & (head - 1)) != 0)
        {
            head &= head - 1;
        }

        if ((flags & (PageFlags.CompoundHead | PageFlags.HugeTlb)) != PageFlags.CompoundHead)
        {
            return false;
        }

        // And the first power of two behind the head that is no tail ends it.
        ulong frames = 1;
        while (frames * _pageBytes < _hugePageBytes && (ReadFlags(head + frames) & PageFlags.CompoundTail) != PageFlags.None)
        {
            frames *= 2;
        }

        // One that begins before the address space is not mapped in a row.
        var before = (entry.Frame - head) * _pageBytes;
        if (before > address)
        {
            return false;
        }

        folio = new AddressRange(address - before, address - before + (frames * _pageBytes));
        return true;
    }

    /// <summary>Whether a folio's first and last page are where they are in a folio that is mapped in a row, in one mapping.</summary>
    private bool IsMappedWhole(AddressRange folio)
    {
        var mapping = _mappings.At(folio.Start);
        var pages = folio.SizeBytes / _pageBytes;
        return mapping.Start <= folio.Start && folio.End <= mapping.End
            && ReadEntry(folio.Start) is { IsPresent: true } first && first.Frame != 0
            && ReadEntry(folio.End - _pageBytes) is { IsPresent: true } last && last.Frame == first.Frame + pages - 1;
    }

    private PagemapEntry? ReadEntry(ulong address)
    {
        ulong bits = 0;
        var read = _pagemap.ReadAt(MemoryMarshal.AsBytes(new Span<ulong>(ref bits)), (long)(address / _pageBytes * PagemapEntry.SizeBytes));
        return read.IsOk && read.Value == PagemapEntry.SizeBytes ? new PagemapEntry(bits) : null;
    }

    private PageFlags ReadFlags(ulong frame)
    {
        ulong bits = 0;
        var read = _flags!.ReadAt(MemoryMarshal.AsBytes(new Span<ulong>(ref bits)), checked((long)(frame * sizeof(ulong))));
        return read.IsOk && read.Value == sizeof(ulong) ? (PageFlags)bits : PageFlags.None;
    }
}
