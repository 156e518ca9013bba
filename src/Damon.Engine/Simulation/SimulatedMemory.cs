using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Simulation;

/// <summary>
/// A memory with a known truth, in virtual time: each touched page is accessed as a Poisson process of a stated rate, every other page by stray
/// accesses of a much lower one. It is both the probe and the actor of a session, so a minute of sampling costs milliseconds and the same seed
/// gives the same run. Its cost does not depend on its size, but for one bit per page that says whether the page was paged out, and two bytes for
/// its memory node once pages are moved.
/// </summary>
public sealed partial class SimulatedMemory : IAccessProbe, IMemoryActor
{
    private const ulong PageBytes = SimulatedRegion.PageBytes;

    /// <summary>Above this expected number of stray accesses per page and step, pages are drawn one by one; below it, accesses are.</summary>
    private const double DenseAccesses = 0.25;

    private readonly SimulatedRegion[] _regions;
    private readonly ulong[] _awayBits;
    private readonly ulong _base;
    private readonly double _strayRate;
    private readonly RandomSource _random;
    private double _now;
    private double _preparedAt;
    private double _cachedSpan = -1;
    private double _cachedRate;
    private double _cachedChance;

    /// <summary>Makes a memory in which nothing is accessed.</summary>
    /// <param name="regions">Its regions: page aligned, ascending, without overlaps.</param>
    /// <param name="strayAccessesPerSecond">Accesses per second of each page that no access is meant for.</param>
    /// <param name="random">The source of chance; not shared with the session, so that both stay reproducible alone.</param>
    public SimulatedMemory(IReadOnlyList<AddressRange> regions, double strayAccessesPerSecond, RandomSource random)
    {
        if (regions.Count == 0)
        {
            throw new ArgumentException("A memory has at least one region.", nameof(regions));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(strayAccessesPerSecond);
        foreach (var range in regions)
        {
            if (range.Start % PageBytes != 0 || range.End % PageBytes != 0 || range.End <= range.Start)
            {
                throw new ArgumentException($"{range} is not a page-aligned range.", nameof(regions));
            }
        }

        _regions = [.. regions.Select(range => new SimulatedRegion(range))];
        _base = regions[0].Start;
        _awayBits = new ulong[((regions[^1].End - _base) / PageBytes / 64) + 1];
        _strayRate = strayAccessesPerSecond;
        _random = random;
    }

    /// <inheritdoc/>
    public ProbeGranularity Granularity => ProbeGranularity.Page;

    /// <inheritdoc cref="IAccessProbe.LastError"/>
    public string LastError { get; private set; } = "";

    /// <summary>Bytes in memory: all but what was paged out and not accessed since.</summary>
    public ulong ResidentBytes
    {
        get
        {
            ulong pages = 0;
            foreach (var region in _regions)
            {
                pages += region.Pages - region.AwayPages;
            }

            return pages * PageBytes;
        }
    }

    /// <summary>The memory's size.</summary>
    public ulong TotalBytes
    {
        get
        {
            ulong pages = 0;
            foreach (var region in _regions)
            {
                pages += region.Pages;
            }

            return pages * PageBytes;
        }
    }

    /// <summary>Bytes that were paged out and then accessed, the cost of a wrong guess.</summary>
    public ulong FalsePositiveBytes { get; private set; }

    /// <summary>Bytes that were paged out, each time counted.</summary>
    public ulong PagedOutBytes { get; private set; }

    /// <summary>How many regions the memory was made with.</summary>
    public int RegionCount => _regions.Length;

    /// <summary>The addresses of one of the memory's own regions.</summary>
    /// <param name="region">Its index.</param>
    public AddressRange RangeOf(int region) => _regions[region].Range;

    /// <summary>The share of a region that is accessed in a sample interval, on average: what an ideal sampling would find.</summary>
    /// <param name="region">Its index.</param>
    /// <param name="at">A moment, since the memory was made.</param>
    /// <param name="sampleInterval">The sample interval.</param>
    public double AccessRateOf(int region, TimeSpan at, TimeSpan sampleInterval)
    {
        var pages = _regions[region].Pages;
        var touched = _regions[region].TouchedPages(0, pages, at.TotalSeconds, at.TotalSeconds);
        var seconds = sampleInterval.TotalSeconds;
        return ((touched * Chance(_regions[region].PageRate, seconds)) + ((pages - touched) * Chance(_strayRate, seconds))) / pages;
    }

    /// <summary>Changes how a region is accessed from now on.</summary>
    /// <param name="region">Its index.</param>
    /// <param name="access">The new way; no accesses per second for none.</param>
    public void SetAccess(int region, SimulatedAccess access) => _regions[region].SetAccess(access, _now);

    /// <summary>Lets time pass; pages that were paged out come back when they are accessed.</summary>
    /// <param name="span">How much.</param>
    public void Advance(TimeSpan span)
    {
        var seconds = span.TotalSeconds;
        _now += seconds;
        foreach (var region in _regions)
        {
            if (region.AwayPages == 0)
            {
                continue;
            }

            ReturnStrayPages(region, seconds);
            if (region.IsAccessed && region.AwayPages > 0)
            {
                ReturnTouchedPages(region, seconds);
            }
        }
    }

    /// <summary>
    /// How many bytes of a range are truly hot between two moments: pages expected to be accessed in at least a given share of the sample
    /// intervals, the union over the span where the accessed part moves.
    /// </summary>
    /// <param name="range">The addresses.</param>
    /// <param name="from">The span's beginning, since the memory was made.</param>
    /// <param name="to">The span's end.</param>
    /// <param name="sampleInterval">The sample interval.</param>
    /// <param name="share">The share of sample intervals, above 0.</param>
    public ulong BytesAccessedInAtLeast(double share, AddressRange range, TimeSpan from, TimeSpan to, TimeSpan sampleInterval)
    {
        ulong pages = 0;
        foreach (var region in _regions)
        {
            var fromPage = PageIn(region, range.Start);
            var toPage = PageIn(region, range.End);
            if (fromPage >= toPage)
            {
                continue;
            }

            var touched = region.TouchedPages(fromPage, toPage, from.TotalSeconds, to.TotalSeconds);
            if (Chance(region.PageRate, sampleInterval.TotalSeconds) >= share)
            {
                pages += touched;
            }

            if (Chance(_strayRate, sampleInterval.TotalSeconds) >= share)
            {
                pages += toPage - fromPage - touched;
            }
        }

        return pages * PageBytes;
    }

    /// <inheritdoc/>
    public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
    {
        ranges.Clear();
        var start = _regions[0].Range.Start;
        for (var i = 0; i < _regions.Length; i++)
        {
            // Neighbours without a gap look like one mapping from outside: the borders are for the engine to find.
            if (i + 1 == _regions.Length || _regions[i + 1].Range.Start != _regions[i].Range.End)
            {
                ranges.Add(new AddressRange(start, _regions[i].Range.End));
                start = i + 1 < _regions.Length ? _regions[i + 1].Range.Start : 0;
            }
        }

        return ProbeOutcome.Ok;
    }

    /// <inheritdoc/>
    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
    {
        _preparedAt = _now;
        return ProbeOutcome.Ok;
    }

    /// <inheritdoc/>
    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
    {
        var span = _now - _preparedAt;
        var at = 0;
        for (var i = 0; i < addresses.Length; i++)
        {
            var address = addresses[i];
            while (at < _regions.Length && _regions[at].Range.End <= address)
            {
                at++;
            }

            if (at == _regions.Length || address < _regions[at].Range.Start)
            {
                seen[i] = AccessObservation.NotAccessed;
                continue;
            }

            var region = _regions[at];
            var page = (address - region.Range.Start) / PageBytes;
            var rate = region.IsTouched(page, _now) ? region.PageRate : _strayRate;
            var accessed = _random.NextShare() < ChanceCached(rate, span);
            seen[i] = accessed ? AccessObservation.Accessed : AccessObservation.NotAccessed;
            if (accessed)
            {
                Return(region, page);
            }
        }

        return ProbeOutcome.Ok;
    }

    /// <inheritdoc/>
    public ActionOutcome ReadResident(out ulong residentBytes)
    {
        residentBytes = ResidentBytes;
        return ActionOutcome.Applied;
    }

    /// <inheritdoc/>
    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        if (!filters.IsEmpty || Migrates(action))
        {
            return MeasurePassing(action, range, maxBytes, filters, out reach);
        }

        LastError = "";
        ulong reachable = 0;
        var page = (range.Start - _base) / PageBytes;
        var end = (range.End - _base) / PageBytes;
        while (page < end && reachable < maxBytes)
        {
            // Whole words while the budget surely has room for them, then page by page to its last byte.
            if (page % 64 == 0 && end - page >= 64 && maxBytes - reachable >= 64 * PageBytes)
            {
                reachable += (ulong)ulong.PopCount(Reachable(action.Kind, _awayBits[page / 64])) * PageBytes;
                page += 64;
            }
            else
            {
                reachable += ((Reachable(action.Kind, _awayBits[page / 64]) >> (int)(page % 64)) & 1) * PageBytes;
                page++;
            }
        }

        reach = new Reach(_base + (page * PageBytes), reachable);
        return ActionOutcome.Applied;
    }

    /// <inheritdoc/>
    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
    {
        if (!CanJudge(filters) || !CanCarryOut(action.Kind))
        {
            return new ActionResult(ActionOutcome.Unsupported, 0, 0);
        }

        ulong advised = 0;
        ulong skipped = 0;
        ulong changed = 0;
        foreach (var range in ranges)
        {
            advised += range.SizeBytes;
            foreach (var region in _regions)
            {
                var from = PageIn(region, range.Start);
                var to = PageIn(region, range.End);
                if (filters.IsEmpty)
                {
                    changed += Change(action, region, from, to);
                    continue;
                }

                for (var page = from; page < to; page++)
                {
                    if (IsLookedAt(action, region, page) && filters.Pass(FactsOf(region, page)))
                    {
                        changed += Change(action, region, page, page + 1);
                    }
                    else
                    {
                        skipped += PageBytes;
                    }
                }
            }
        }

        advised -= skipped;

        return action.Kind switch
        {
            SchemeAction.Pageout or SchemeAction.MigrateHot or SchemeAction.MigrateCold => new ActionResult(changed > 0 ? ActionOutcome.Applied : ActionOutcome.NoEffect, advised, changed * PageBytes, SkippedBytes: skipped),
            _ => new ActionResult(ActionOutcome.Unmeasured, advised, 0, SkippedBytes: skipped),
        };
    }

    private ulong Change(MemoryAction action, SimulatedRegion region, ulong from, ulong to) => action.Kind switch
    {
        SchemeAction.MigrateHot or SchemeAction.MigrateCold => Migrate(action, region, from, to),
        SchemeAction.Pageout => PageOut(region, from, to),
        SchemeAction.WillNeed => Prefetch(region, from, to),
        _ => 0,
    };

    /// <inheritdoc cref="IAccessProbe"/>
    public void Dispose()
    {
        // Nothing is held; a simulation reads its counts after the session has ended.
    }

    private static ulong Reachable(SchemeAction action, ulong awayBits) => action == SchemeAction.WillNeed ? awayBits : ~awayBits;

    private static ulong PageIn(SimulatedRegion region, ulong address) =>
        address <= region.Range.Start ? 0 : Math.Min(region.Pages, (address - region.Range.Start) / PageBytes);

    private static double Chance(double rate, double seconds) => 1 - Math.Exp(-rate * seconds);

    private double ChanceCached(double rate, double seconds)
    {
        // Neighbouring regions are mostly accessed alike: the exponential is computed once for a run of them.
        if (rate != _cachedRate || seconds != _cachedSpan)
        {
            _cachedRate = rate;
            _cachedSpan = seconds;
            _cachedChance = Chance(rate, seconds);
        }

        return _cachedChance;
    }

    private void ReturnStrayPages(SimulatedRegion region, double seconds)
    {
        var mean = _strayRate * seconds;
        if (mean >= DenseAccesses)
        {
            var chance = 1 - Math.Exp(-mean);
            for (ulong page = 0; page < region.Pages && region.AwayPages > 0; page++)
            {
                if (_random.NextShare() < chance)
                {
                    Return(region, page);
                }
            }

            return;
        }

        // A Poisson process over all pages is a Poisson number of accesses, each to a page drawn evenly.
        for (var events = _random.NextPoisson(mean * region.Pages); events > 0 && region.AwayPages > 0; events--)
        {
            Return(region, _random.NextBelow(region.Pages));
        }
    }

    private void ReturnTouchedPages(SimulatedRegion region, double seconds)
    {
        var chance = 1 - Math.Exp(-region.PageRate * seconds);
        var count = region.CountTouched(_now);
        for (ulong i = 0; i < count && region.AwayPages > 0; i++)
        {
            var page = region.TouchedPage(i, _now);
            if (IsAway(((region.Range.Start - _base) / PageBytes) + page) && _random.NextShare() < chance)
            {
                Return(region, page);
            }
        }
    }

    private void Return(SimulatedRegion region, ulong page)
    {
        var index = ((region.Range.Start - _base) / PageBytes) + page;
        if (IsAway(index))
        {
            _awayBits[index / 64] &= ~(1UL << (int)(index % 64));
            region.AwayPages--;
            FalsePositiveBytes += PageBytes;
            CountOnNode(index, +1);
        }
    }

    private ulong PageOut(SimulatedRegion region, ulong from, ulong to)
    {
        var first = (region.Range.Start - _base) / PageBytes;
        ulong changed = 0;
        for (var page = first + from; page < first + to; page++)
        {
            if (!IsAway(page))
            {
                _awayBits[page / 64] |= 1UL << (int)(page % 64);
                CountOnNode(page, -1);
                changed++;
            }
        }

        region.AwayPages += changed;
        PagedOutBytes += changed * PageBytes;
        return changed;
    }

    private ulong Prefetch(SimulatedRegion region, ulong from, ulong to)
    {
        var first = (region.Range.Start - _base) / PageBytes;
        ulong changed = 0;
        for (var page = first + from; page < first + to; page++)
        {
            if (IsAway(page))
            {
                _awayBits[page / 64] &= ~(1UL << (int)(page % 64));
                CountOnNode(page, +1);
                changed++;
            }
        }

        region.AwayPages -= changed;
        return changed;
    }

    private bool IsAway(ulong index) => ((_awayBits[index / 64] >> (int)(index % 64)) & 1) != 0;
}
