using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Lab.Guest.Programs;
using Damon.Lab.Guest.Running;

namespace Damon.Lab.Guest.Pods;

/// <summary>Which pages are in swap, page by page, from <c>/proc/PID/pagemap</c>: for regions that share a mapping, where smaps has only one figure.</summary>
internal static class SwappedPages
{
    private const ulong PageBytes = 4096;

    /// <summary>A page's bit for being in swap; bit 63 would say that it is in memory (Documentation/admin-guide/mm/pagemap.rst).</summary>
    private const ulong InSwap = 1UL << 62;

    /// <summary>Bytes in swap of all hot, or all other, regions of a workload.</summary>
    public static ulong Bytes(LabContext context, RunningWorkload workload, bool hot)
    {
        var path = $"/proc/{workload.Id}/pagemap";
        if (!context.Host.Open(path).TryGet(out var pagemap))
            throw new ExpectationException($"cannot open {path}");

        using (pagemap)
            return workload.Regions.Where(region => region.IsHot == hot).Aggregate(0UL, (sum, region) => sum + Bytes(pagemap, region));
    }

    private static ulong Bytes(HostFile pagemap, WorkloadRegion region)
    {
        var entries = new ulong[region.SizeBytes / PageBytes];
        var read = pagemap.ReadAt(MemoryMarshal.AsBytes(entries.AsSpan()), checked((long)(region.Start / PageBytes * sizeof(ulong))));
        Expect.Equal("entries of the pagemap", entries.Length * sizeof(ulong), read.IsOk ? read.Value : -1);
        return (ulong)entries.Count(entry => (entry & InSwap) != 0) * PageBytes;
    }
}
