using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Engine.Actions;

public sealed partial class ProcessMadviseActor
{
    /// <summary>Passing pages that lie apart cost a vector each; so many are collected before they are advised on and measured, four calls' worth.</summary>
    private const int MaxPassingRanges = 4 * IProcessMemoryAdvice.MaxRanges;

    private readonly HostRoot _host;
    private readonly TimeProvider _time;

    /// <summary>Made when the first filter is to be judged: of thousands of actors few have any.</summary>
    private PageFilterReader? _filterReader;
    private AddressRange[] _passing = [];

    private string FilterError => _filterReader?.LastError ?? "";

    /// <inheritdoc/>
    public ActionOutcome EndLook(AddressRange range, PageFilters filters)
    {
        ForgetFilterError();
        var outcome = (filters.Needs & PageFactKinds.Young) == PageFactKinds.None ? ActionOutcome.Applied : MarkOld(range);
        return Explain(outcome, SchemeAction.Stat, 0);
    }

    private ActionOutcome MarkOld(AddressRange range)
    {
        for (var address = range.Start; address < range.End;)
        {
            var read = TryReadEntries(address, range.End, out var count);
            if (!read.IsOk || count == 0)
            {
                return read.IsOk ? Alive() : HostOutcome.Of(read.Error.Kind);
            }

            var marked = FilterReader().MarkOld(ThreadBuffers.Own.Entries.AsSpan(0, count));
            if (marked != HostErrorKind.None)
            {
                return HostOutcome.Of(marked);
            }

            address += (ulong)count * _pageBytes;
        }

        return ActionOutcome.Applied;
    }

    /// <summary>The pages an action is about: will-need those that are away, all others those that are there.</summary>
    private static bool IsLookedAt(SchemeAction action, PagemapEntry entry) => action == SchemeAction.WillNeed ? entry.IsSwapped : entry.IsPresent;

    private void ForgetFilterError() => _filterReader?.ForgetError();

    private PageFilterReader FilterReader()
    {
        if (_filterReader is null)
        {
            _filterReader = new PageFilterReader(_host, _time);
        }

        return _filterReader;
    }

    /// <summary>Judges the entries that were just read, into <see cref="ThreadBuffers.Passes"/>; without filters it does nothing.</summary>
    private ActionOutcome JudgePages(PageFilters filters, int count) =>
        filters.IsEmpty ? ActionOutcome.Applied : HostOutcome.Of(FilterReader().Judge(filters, ThreadBuffers.Own.Entries.AsSpan(0, count), ThreadBuffers.Own.Passes));

    /// <summary>A huge page swallows every page of its block: one that is held back holds the block back.</summary>
    private ActionOutcome JudgeBlock(ulong block, PageFilters filters, out ulong pagesBytes, out bool isHeldBack)
    {
        pagesBytes = 0;
        isHeldBack = false;
        for (var address = block; address < block + _hugePageBytes;)
        {
            var read = TryReadEntries(address, block + _hugePageBytes, out var count);
            if (!read.IsOk || count == 0)
            {
                return read.IsOk ? Alive() : HostOutcome.Of(read.Error.Kind);
            }

            var judged = JudgePages(filters, count);
            if (judged != ActionOutcome.Applied)
            {
                return judged;
            }

            var (entries, passes) = (ThreadBuffers.Own.Entries, ThreadBuffers.Own.Passes);
            for (var i = 0; i < count; i++)
            {
                var entry = new PagemapEntry(entries[i]);

                // A page in swap would be read in and swallowed, too.
                if (entry.IsPresent || entry.IsSwapped)
                {
                    pagesBytes += entry.IsPresent ? _pageBytes : 0;
                    isHeldBack |= !passes[i];
                }
            }

            address += (ulong)count * _pageBytes;
        }

        return ActionOutcome.Applied;
    }

    /// <summary>
    /// Acts on the passing pages alone. They are judged right before the advice, a bounded number of ranges at a time: a page that changes in the short moment between is met, as one would be
    /// whose process changes it a moment later.
    /// </summary>
    private ActionResult AdvisePassing(SchemeAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters)
    {
        if (action == SchemeAction.Stat || ranges.IsEmpty || !IsAdvice(action))
        {
            return AdviseAndMeasure(action, ranges);
        }

        var life = Alive();
        if (life != ActionOutcome.Applied)
        {
            return new ActionResult(life, 0, 0);
        }

        if (_passing.Length == 0)
        {
            _passing = new AddressRange[MaxPassingRanges];
        }

        ulong advised = 0, effect = 0, skipped = 0;
        var outcome = ActionOutcome.NoEffect;
        var errno = 0;
        var next = 0;
        var from = ranges[0].Start;
        while (next < ranges.Length)
        {
            var found = FindPassing(action, ranges, filters, ref next, ref from, ref skipped, out var count);
            if (found != ActionOutcome.Applied)
            {
                // What was found before the failure is left alone: whatever failed may have to do with it.
                return new ActionResult(found, advised, effect, errno, skipped);
            }

            if (count == 0)
            {
                continue;
            }

            var result = AdviseAndMeasure(action, _passing.AsSpan(0, count));
            advised += result.AdvisedBytes;
            effect += result.EffectBytes;
            errno = result.Errno != 0 ? result.Errno : errno;
            outcome = result.Outcome == ActionOutcome.Nothing ? outcome : Together(outcome, result.Outcome);
            if (outcome is not (ActionOutcome.Applied or ActionOutcome.Unmeasured or ActionOutcome.NoEffect or ActionOutcome.Partial))
            {
                break;
            }
        }

        return new ActionResult(outcome, advised, effect, errno, skipped);
    }

    /// <summary>One outcome for two parts of the same work: a failure of the process over that of some ranges over success.</summary>
    private static ActionOutcome Together(ActionOutcome before, ActionOutcome now) => (before, now) switch
    {
        (_, not (ActionOutcome.Applied or ActionOutcome.Unmeasured or ActionOutcome.NoEffect or ActionOutcome.Partial)) => now,
        (ActionOutcome.Partial, _) or (_, ActionOutcome.Partial) => ActionOutcome.Partial,
        (ActionOutcome.Applied, _) or (_, ActionOutcome.Applied) => ActionOutcome.Applied,
        (ActionOutcome.Unmeasured, _) or (_, ActionOutcome.Unmeasured) => ActionOutcome.Unmeasured,
        _ => ActionOutcome.NoEffect,
    };

    /// <summary>Collects ranges of passing pages until there are enough of them, and moves the position behind what was looked at.</summary>
    private ActionOutcome FindPassing(
        SchemeAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters, ref int next, ref ulong from, ref ulong skipped, out int count)
    {
        count = 0;
        while (next < ranges.Length)
        {
            var outcome = action == SchemeAction.Collapse
                ? FindPassingBlocks(ranges[next], filters, ref from, ref skipped, ref count)
                : FindPassingPages(action, ranges[next].End, filters, ref from, ref skipped, ref count);
            if (outcome != ActionOutcome.Applied)
            {
                return outcome;
            }

            if (from < ranges[next].End)
            {
                break;
            }

            next++;
            from = next < ranges.Length ? ranges[next].Start : 0;
        }

        return ActionOutcome.Applied;
    }

    private ActionOutcome FindPassingPages(SchemeAction action, ulong end, PageFilters filters, ref ulong from, ref ulong skipped, ref int count)
    {
        while (from < end && count < MaxPassingRanges)
        {
            var read = TryReadEntries(from, end, out var found);
            if (!read.IsOk || found == 0)
            {
                skipped += read.IsOk ? end - from : 0;
                from = read.IsOk ? end : from;
                return read.IsOk ? Alive() : HostOutcome.Of(read.Error.Kind);
            }

            var judged = JudgePages(filters, found);
            if (judged != ActionOutcome.Applied)
            {
                return judged;
            }

            var (entries, passes) = (ThreadBuffers.Own.Entries, ThreadBuffers.Own.Passes);
            for (var i = 0; i < found && from < end; i++)
            {
                var page = new AddressRange(from, from + _pageBytes);
                if (!passes[i] || !IsLookedAt(action, new PagemapEntry(entries[i])))
                {
                    skipped += _pageBytes;
                }
                else if (!TryAddPassing(page, ref count))
                {
                    return ActionOutcome.Applied;
                }

                from = page.End;
            }
        }

        return ActionOutcome.Applied;
    }

    private ActionOutcome FindPassingBlocks(AddressRange range, PageFilters filters, ref ulong from, ref ulong skipped, ref int count)
    {
        for (var block = FirstBlock(range with { Start = from }); block < range.End && range.End - block >= _hugePageBytes; block += _hugePageBytes)
        {
            var judged = JudgeBlock(block, filters, out var pagesBytes, out var isHeldBack);
            if (judged != ActionOutcome.Applied)
            {
                return judged;
            }

            skipped += block - from;
            from = block;
            if (isHeldBack || pagesBytes == 0)
            {
                skipped += _hugePageBytes;
            }
            else if (!TryAddPassing(new AddressRange(block, block + _hugePageBytes), ref count))
            {
                return ActionOutcome.Applied;
            }

            from = block + _hugePageBytes;
        }

        skipped += range.End - from;
        from = range.End;
        return ActionOutcome.Applied;
    }

    private bool TryAddPassing(AddressRange part, ref int count)
    {
        if (count > 0 && _passing[count - 1].End == part.Start)
        {
            _passing[count - 1] = _passing[count - 1] with { End = part.End };
            return true;
        }

        if (count == MaxPassingRanges)
        {
            return false;
        }

        _passing[count++] = part;
        return true;
    }
}
