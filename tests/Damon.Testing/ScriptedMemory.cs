using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Testing;

/// <summary>A probe and an actor whose every answer a test decides; by default everything is resident, within reach and never accessed.</summary>
public sealed class ScriptedMemory : IAccessProbe, IMemoryActor
{
    private const ulong PageBytes = FakeProcess.PageBytes;

    public List<AddressRange> Ranges { get; } = [];

    public Func<ulong, bool> IsAccessed { get; set; } = _ => false;

    public Func<ulong, ulong, AccessObservation>? Observe { get; set; }

    public ProbeOutcome ReadOutcome { get; set; }

    public ProbeOutcome PrepareOutcome { get; set; }

    public ProbeOutcome CheckOutcome { get; set; }

    public ActionOutcome MeasureOutcome { get; set; } = ActionOutcome.Applied;

    /// <summary>What the resident set is said to be; nothing for the sum of the ranges less what was paged out.</summary>
    public ulong? Resident { get; set; }

    /// <summary>How much of a range is within reach without filters; nothing for all of it.</summary>
    public Func<AddressRange, ulong>? Reachable { get; set; }

    /// <summary>The share of advised bytes that really leave.</summary>
    public double Effectiveness { get; set; } = 1;

    public ActionOutcome? ApplyOutcome { get; set; }

    /// <summary>Whether the kernel takes the advice at all.</summary>
    public bool AcceptsAdvice { get; set; } = true;

    /// <summary>Runs in every <see cref="Prepare"/>.</summary>
    public Action? OnPrepare { get; set; }

    /// <summary>Runs in every <see cref="Check"/>.</summary>
    public Action? OnCheck { get; set; }

    /// <summary>Runs in every <see cref="Apply"/>, after what was asked for is noted.</summary>
    public Action? OnApply { get; set; }

    /// <summary>What is known of the page at an address, for page filters.</summary>
    public Func<ulong, PageFacts> Facts { get; set; } = _ => default;

    /// <summary>Every range whose look was ended, in order.</summary>
    public List<AddressRange> EndedLooks { get; } = [];

    /// <summary>What was asked for in every <see cref="Apply"/>, in order.</summary>
    public List<MemoryAction> Actions { get; } = [];

    /// <summary>Every range that was acted on, in order.</summary>
    public List<AddressRange> Applied { get; } = [];

    public int Reads { get; private set; }

    public bool IsDisposed { get; private set; }

    public ProbeGranularity Granularity { get; set; }

    public string LastError { get; set; } = "";

    private ulong AppliedBytes => Applied.Aggregate(0UL, (sum, r) => sum + (ulong)(r.SizeBytes * Effectiveness));

    public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
    {
        Reads++;
        ranges.Clear();
        Ranges.ForEach(ranges.Add);
        return ReadOutcome;
    }

    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses)
    {
        OnPrepare?.Invoke();
        return PrepareOutcome;
    }

    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
    {
        OnCheck?.Invoke();
        for (var i = 0; i < seen.Length; i++)
        {
            seen[i] = Observe is null
                ? IsAccessed(addresses[i]) ? AccessObservation.Accessed : AccessObservation.NotAccessed
                : Observe(starts[i], ends[i]);
        }

        return CheckOutcome;
    }

    public ActionOutcome ReadResident(out ulong residentBytes)
    {
        residentBytes = Resident ?? Ranges.Aggregate(0UL, (sum, r) => sum + r.SizeBytes) - AppliedBytes;
        return MeasureOutcome;
    }

    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        if (!filters.IsEmpty)
        {
            ulong passed = 0, held = 0;
            var end = range.Start;
            for (; end < range.End && passed < maxBytes; end += PageBytes)
            {
                var passes = filters.Pass(Facts(end));
                passed += passes ? PageBytes : 0;
                held += passes ? 0 : PageBytes;
            }

            reach = new Reach(end, passed, FilteredBytes: held);
            return MeasureOutcome;
        }

        var bytes = Math.Min(Reachable?.Invoke(range) ?? range.SizeBytes, maxBytes);
        reach = new Reach(range.Start + bytes, bytes);
        return MeasureOutcome;
    }

    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
    {
        Actions.Add(action);
        OnApply?.Invoke();
        if (!AcceptsAdvice)
        {
            return new ActionResult(ApplyOutcome ?? ActionOutcome.Failed, 0, 0);
        }

        ulong advised = 0;
        ulong skipped = 0;
        foreach (var range in ranges)
        {
            if (filters.IsEmpty)
            {
                Applied.Add(range);
                advised += range.SizeBytes;
                continue;
            }

            for (var page = range.Start; page < range.End; page += PageBytes)
            {
                if (filters.Pass(Facts(page)))
                {
                    Applied.Add(new AddressRange(page, page + PageBytes));
                    advised += PageBytes;
                }
                else
                {
                    skipped += PageBytes;
                }
            }
        }

        var effect = (ulong)(advised * Effectiveness);
        effect = action.Kind == SchemeAction.Reclaim ? Math.Min(effect, action.AmountBytes) : effect;
        if (ApplyOutcome is ActionOutcome.Denied or ActionOutcome.Unsupported or ActionOutcome.Failed or ActionOutcome.TryAgain or ActionOutcome.Gone)
        {
            return new ActionResult(ApplyOutcome.Value, 0, 0);
        }

        return new ActionResult(ApplyOutcome ?? (effect == 0 ? ActionOutcome.NoEffect : ActionOutcome.Applied), advised, effect, SkippedBytes: skipped);
    }

    public ActionOutcome EndLook(AddressRange range, PageFilters filters)
    {
        EndedLooks.Add(range);
        return ActionOutcome.Applied;
    }

    public void Dispose() => IsDisposed = true;
}
