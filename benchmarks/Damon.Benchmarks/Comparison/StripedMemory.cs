using Damon.Engine.Host;
using Damon.Engine.Monitoring;
using Damon.Engine.Regions;
using Damon.Engine.Schemes;

namespace Damon.Benchmarks.Comparison;

/// <summary>
/// Memory of any size in hot and cold stripes, whose answers cost next to nothing: what is timed over it is the session. A number of stripes, not a size, so that every size has
/// the same shape.
/// </summary>
internal sealed class StripedMemory : IAccessProbe, IMemoryActor
{
    private const ulong Start = 0x1000_0000_0000;

    private readonly ulong _bytes;
    private readonly int _stripeShift;

    /// <param name="bytes">A power of two.</param>
    /// <param name="stripes">A power of two.</param>
    public StripedMemory(ulong bytes, int stripes)
    {
        _bytes = bytes;
        _stripeShift = ulong.Log2(bytes / (ulong)stripes) is var shift ? (int)shift : 0;
    }

    public ProbeGranularity Granularity => ProbeGranularity.Page;

    public string LastError => "";

    public long Looks { get; private set; }

    /// <summary>Where set, each look is one read of this pagemap too, as a probe's is: at the entries from the given one on, in turn.</summary>
    public (HostFile File, long FirstEntry, int Entries)? Pagemap { get; set; }

    public ProbeOutcome ReadAddressSpace(AddressRangeList ranges)
    {
        ranges.Clear();
        ranges.Add(new AddressRange(Start, Start + _bytes));
        return ProbeOutcome.Ok;
    }

    public ProbeOutcome Prepare(ReadOnlySpan<ulong> addresses) => ReadPagemap(addresses.Length);

    public ProbeOutcome Check(ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, ReadOnlySpan<ulong> addresses, Span<AccessObservation> seen)
    {
        Looks += addresses.Length;
        for (var i = 0; i < addresses.Length; i++)
        {
            seen[i] = (AccessObservation)((addresses[i] >> _stripeShift) & 1);
        }

        return ReadPagemap(addresses.Length);
    }

    public ActionOutcome ReadResident(out ulong residentBytes)
    {
        residentBytes = _bytes;
        return ActionOutcome.Applied;
    }

    public ActionOutcome Measure(MemoryAction action, AddressRange range, ulong maxBytes, out Reach reach, PageFilters filters = default)
    {
        var bytes = Math.Min(range.SizeBytes, maxBytes);
        reach = new Reach(range.Start + bytes, bytes);
        return ActionOutcome.Applied;
    }

    public ActionResult Apply(MemoryAction action, ReadOnlySpan<AddressRange> ranges, PageFilters filters = default)
    {
        ulong advised = 0;
        foreach (var range in ranges)
        {
            advised += range.SizeBytes;
        }

        return new ActionResult(ActionOutcome.Applied, advised, advised);
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private ProbeOutcome ReadPagemap(int times)
    {
        if (Pagemap is not { } pagemap)
        {
            return ProbeOutcome.Ok;
        }

        Span<byte> entry = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < times; i++)
        {
            if (!pagemap.File.ReadAt(entry, (pagemap.FirstEntry + (i % pagemap.Entries)) * sizeof(ulong)).IsOk)
            {
                return ProbeOutcome.TryAgain;
            }
        }

        return ProbeOutcome.Ok;
    }
}
