using Damon.Engine.Regions;

namespace Damon.Engine.Simulation;

/// <summary>A region of a simulated memory: where it lies, and how it is accessed now. The truth is computed from this, not drawn.</summary>
internal sealed class SimulatedRegion
{
    public const ulong PageBytes = 4096;

    private SimulatedAccess _access;
    private double _accessSince;

    public SimulatedRegion(AddressRange range)
    {
        Range = range;
        Pages = range.SizeBytes / PageBytes;
    }

    public AddressRange Range { get; }

    public ulong Pages { get; }

    /// <summary>Pages of it that have been paged out and not been accessed since.</summary>
    public ulong AwayPages { get; set; }

    /// <summary>Whether a file is behind its pages; else they are anonymous.</summary>
    public bool IsFileBacked { get; set; }

    /// <summary>Whether any access goes to it at all.</summary>
    public bool IsAccessed => _access.AccessesPerSecond > 0;

    /// <summary>Accesses per second of each page that is touched.</summary>
    public double PageRate { get; private set; }

    public void SetAccess(SimulatedAccess access, double now)
    {
        _access = access;
        _accessSince = now;
        if (!IsAccessed)
        {
            PageRate = 0;
            return;
        }

        var touched = TouchedPagesBefore(Pages) * access.WindowShare;
        PageRate = access.AccessesPerSecond / Math.Max(1, touched);
    }

    /// <summary>Whether the page is among those that are touched at a moment.</summary>
    public bool IsTouched(ulong page, double now)
    {
        if (!IsAccessed || TouchedPagesBefore(page + 1) == TouchedPagesBefore(page))
        {
            return false;
        }

        if (_access.WindowShare >= 1)
        {
            return true;
        }

        var offset = ((double)page / Pages) - WindowStart(now);
        return offset - Math.Floor(offset) < _access.WindowShare;
    }

    /// <summary>How many pages of a part are touched at any time between two moments.</summary>
    public ulong TouchedPages(ulong fromPage, ulong toPage, double from, double to)
    {
        if (!IsAccessed || fromPage >= toPage)
        {
            return 0;
        }

        // The union of a moving window over the span is the window, longer by the way it went.
        var (begin, end) = WindowPages(from, to);
        var touched = Overlap(fromPage, toPage, begin, Math.Min(end, Pages));
        return end > Pages ? touched + Overlap(fromPage, toPage, 0, end - Pages) : touched;
    }

    /// <summary>How many of the pages are touched at a moment; <see cref="TouchedPage"/> gives them one by one.</summary>
    public ulong CountTouched(double now) => TouchedPages(0, Pages, now, now);

    /// <summary>One of the touched pages.</summary>
    /// <param name="index">From 0 up to, not including, <see cref="CountTouched"/> of the same moment.</param>
    /// <param name="now">The moment.</param>
    public ulong TouchedPage(ulong index, double now)
    {
        var before = TouchedPagesBefore(WindowPages(now, now).Begin);
        var all = TouchedPagesBefore(Pages);
        var number = before + index;
        number = number >= all ? number - all : number;
        return _access.StrideBytes <= PageBytes ? number : number * _access.StrideBytes / PageBytes;
    }

    /// <summary>The pages that the window covers at any time between two moments; its end lies behind the region's where it has wrapped around.</summary>
    private (ulong Begin, ulong End) WindowPages(double from, double to)
    {
        if (_access.WindowShare >= 1)
        {
            return (0, Pages);
        }

        var start = WindowStart(from);
        var length = Math.Min(1, _access.WindowShare + (_access.WindowSpeedPerSecond * (to - from)));
        var begin = (ulong)Math.Round((start - Math.Floor(start)) * Pages);
        return (begin, begin + (ulong)Math.Round(length * Pages));
    }

    private double WindowStart(double now) => _access.WindowSpeedPerSecond * (now - _accessSince);

    private ulong Overlap(ulong fromPage, ulong toPage, ulong begin, ulong end)
    {
        var from = Math.Max(fromPage, begin);
        var to = Math.Min(toPage, end);
        return from >= to ? 0 : TouchedPagesBefore(to) - TouchedPagesBefore(from);
    }

    /// <summary>How many of the first so many pages hold an address that is a multiple of the stride.</summary>
    private ulong TouchedPagesBefore(ulong pages)
    {
        var stride = _access.StrideBytes;
        return stride <= PageBytes ? pages : ((pages * PageBytes) + stride - 1) / stride;
    }
}
