using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Recordings;

/// <summary>
/// One target of a replay, probe and actor in one: each recorded region is seen accessed in exactly as many sample intervals as it was, and what is paged out
/// stays away until its region is accessed again. All of the memory counts as resident and private, because a recording says nothing else.
/// </summary>
internal sealed class RecordedMemory(int name) : IAccessProbe, IMemoryActor
{
    private const ulong PageBytes = 4096;

    private readonly AwayRanges _away = new();
    private RecordedTarget _recorded = new(name, "", default);
    private Region[] _rows = [];
    private uint _samples = 1;
    private uint _sample;

    public ProbeGranularity Granularity => _recorded.Granularity;

    public string LastError { get; private set; } = "";

    /// <summary>The regions as recorded, with what they are laid out as.</summary>
    public RecordedTarget Recorded => _recorded;

    public ulong AwayBytes => _away.TotalBytes;

    /// <summary>The same with the ages that this replay's actions have started anew.</summary>
    public ReportedRegions Regions { get; } = new();

    /// <summary>Bytes that were paged out and then accessed.</summary>
    public ulong ReturnedBytes { get; private set; }

    /// <summary>Begins one aggregation.</summary>
    /// <param name="recorded">What is to be seen in it.</param>
    /// <param name="samples">Sample intervals in it.</param>
    public void Begin(RecordedTarget recorded, uint samples)
    {
        _recorded = recorded;
        _samples = samples;
        _sample = 0;
        var regions = recorded.Regions.Span;
        if (_rows.Length < regions.Length)
        {
            _rows = new Region[Math.Max(regions.Length, _rows.Length * 2)];
        }

        for (var i = 0; i < regions.Length; i++)
        {
            var region = regions[i];
            _rows[i] = new Region(region.Start, region.End, region.Accesses, Age: region.Age, PartlyAccessed: region.PartlyAccessed);
        }

        Regions.Report(_rows.AsSpan(0, regions.Length));
    }

    /// <summary>Brings back what was accessed in this aggregation: of a region accessed in k of n samples the share k/n, from its head on.</summary>
    public void ReturnAccessed()
    {
        foreach (var region in _recorded.Regions.Span)
        {
            if (region.Accesses == 0 || _away.TotalBytes == 0)
            {
                continue;
            }

            var away = _away.BytesIn(region.Range);
            if (away > 0)
            {
                var share = RegionColumns.Share(away, region.Accesses, _samples);
                ReturnedBytes += _away.Remove(region.Range, Math.Max(PageBytes, share & ~(PageBytes - 1)));
            }
        }
    }

    public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
    {
        ranges.Clear();
        AddressRange? open = null;
        foreach (var region in _recorded.Regions.Span)
        {
            if (open is { } range && range.End == region.Start)
            {
                open = range with { End = region.End };
                continue;
            }

            ranges.Add(open ?? default);
            open = region.Range;
        }

        ranges.Add(open ?? default);
        return ProbeOutcome.Ok;
    }

    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses) => ProbeOutcome.Ok;

    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
    {
        var sample = _sample++;
        LastError = "";
        if (sample < _recorded.MissedSamples)
        {
            LastError = "it was not looked at when this was recorded";
            return ProbeOutcome.TryAgain;
        }

        ulong of = _samples - _recorded.MissedSamples;
        ulong number = sample - _recorded.MissedSamples;
        var regions = _recorded.Regions.Span;
        var at = 0;
        for (var i = 0; i < starts.Length; i++)
        {
            while (at < regions.Length && regions[at].End <= starts[i])
            {
                at++;
            }

            seen[i] = AccessObservation.NotAccessed;
            if (at == regions.Length || regions[at].Start > starts[i])
            {
                continue;
            }

            // Spread evenly over the aggregation, so that a scheme between two aggregations sees about what it would have.
            var count = Math.Min(of, regions[at].Accesses);
            var before = number * count / of;
            if ((number + 1) * count / of > before)
            {
                seen[i] = before < regions[at].PartlyAccessed ? AccessObservation.PartlyAccessed : AccessObservation.Accessed;
            }
        }

        return ProbeOutcome.Ok;
    }

    public ActionOutcome ReadResident(out ulong residentBytes)
    {
        residentBytes = _recorded.TotalBytes - Math.Min(_recorded.TotalBytes, _away.TotalBytes);
        return ActionOutcome.Applied;
    }

    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        if (!CanJudge(filters))
        {
            reach = new Reach(range.Start, 0);
            return ActionOutcome.Unsupported;
        }

        ulong reachable = 0;
        var at = range.Start;
        while (at < range.End && reachable < maxBytes)
        {
            var (end, isAway) = _away.StretchFrom(at, range.End);
            if (isAway == (action.Kind == SchemeAction.WillNeed))
            {
                // To the end of the page that meets the limit.
                var left = maxBytes - reachable;
                var rounded = left > ulong.MaxValue - PageBytes ? left : (left + PageBytes - 1) & ~(PageBytes - 1);
                end = at + Math.Min(end - at, rounded);
                reachable += end - at;
            }

            at = end;
        }

        reach = new Reach(at, reachable);
        return ActionOutcome.Applied;
    }

    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
    {
        if (!CanJudge(filters) || !CanCarryOut(action.Kind))
        {
            return new ActionResult(ActionOutcome.Unsupported, 0, 0);
        }

        ulong advised = 0;
        ulong changed = 0;
        foreach (var range in ranges)
        {
            advised += range.SizeBytes;
            changed += action.Kind switch
            {
                SchemeAction.Pageout => _away.Add(range),
                SchemeAction.WillNeed => _away.Remove(range),
                _ => 0,
            };
        }

        return action.Kind == SchemeAction.Pageout
            ? new ActionResult(changed > 0 ? ActionOutcome.Applied : ActionOutcome.NoEffect, advised, changed)
            : new ActionResult(ActionOutcome.Unmeasured, advised, 0);
    }

    private bool CanCarryOut(SchemeAction action)
    {
        LastError = action switch
        {
            SchemeAction.MigrateHot or SchemeAction.MigrateCold => "a recording does not say on which memory node its pages lie: what would be moved can be counted, not moved",
            SchemeAction.Reclaim => "a recording has no control group to reclaim from: what would be reclaimed can be counted",
            _ => UserSpaceAction.WhyNot(action),
        };
        return LastError.Length == 0;
    }

    private bool CanJudge(PageFilters filters)
    {
        LastError = filters.IsEmpty ? "" : $"the filter {filters.All[0].Type} cannot be judged: a recording does not say what its pages are";
        return filters.IsEmpty;
    }

    public void Dispose()
    {
        // Nothing is held; its counts are read after the session has ended.
    }
}
