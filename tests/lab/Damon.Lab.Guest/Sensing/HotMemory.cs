using Damon.Engine.Regions;
using Damon.Lab.Guest.Programs;

namespace Damon.Lab.Guest.Sensing;

/// <summary>Memory that was found hot: ranges with accesses in at least half of the samples. The emulated machine says hot or cold, not how hot.</summary>
internal sealed class HotMemory
{
    private readonly List<AddressRange> _ranges = [];

    /// <summary>All of it.</summary>
    public ulong SizeBytes => Sum(_ranges);

    public void Add(ulong start, ulong end, uint accesses, uint samples)
    {
        if (accesses * 2 >= samples)
            _ranges.Add(new AddressRange(start, end));
    }

    /// <summary>Compares it with the truth, within the workload's regions: the program has other memory of its own.</summary>
    public Accuracy AgainstTruth(RunningWorkload workload)
    {
        var hot = workload.Regions.Where(region => region.IsHot).Select(region => new AddressRange(region.Start, region.End)).ToList();
        var found = workload.Regions.Aggregate(0UL, (sum, region) => sum + BytesWithin(new AddressRange(region.Start, region.End)));
        var right = hot.Aggregate(0UL, (sum, range) => sum + BytesWithin(range));
        return new Accuracy(found == 0 ? 0 : (double)right / found, (double)right / workload.HotBytes);
    }

    /// <summary>Compares it with what another sensor found, within the workload's regions, as if that were the truth.</summary>
    public Accuracy Against(HotMemory other, RunningWorkload workload)
    {
        ulong both = 0;
        ulong own = 0;
        ulong others = 0;
        foreach (var region in workload.Regions)
        {
            var range = new AddressRange(region.Start, region.End);
            both += _ranges.Aggregate(0UL, (sum, found) => sum + (Cut(found, range) is { } within ? other.BytesWithin(within) : 0));
            own += BytesWithin(range);
            others += other.BytesWithin(range);
        }

        return new Accuracy(own == 0 ? 0 : (double)both / own, others == 0 ? 0 : (double)both / others);
    }

    private ulong BytesWithin(AddressRange range) => Sum(_ranges.Select(own => Cut(own, range)).OfType<AddressRange>());

    private static AddressRange? Cut(AddressRange range, AddressRange within)
    {
        var start = Math.Max(range.Start, within.Start);
        var end = Math.Min(range.End, within.End);
        return start < end ? new AddressRange(start, end) : null;
    }

    private static ulong Sum(IEnumerable<AddressRange> ranges) => ranges.Aggregate(0UL, (sum, range) => sum + range.SizeBytes);
}
