using System.Runtime.InteropServices;
using Damon.Engine.Host;
using Damon.Engine.Probes;

namespace Damon.Benchmarks.Comparison;

/// <summary>What a session costs by the size of the memory and by the number of targets.</summary>
internal static class ScalingComparison
{
    private const string FlatLaw = "Cost of a sample interval is flat in the size of memory";
    private const string TargetsLaw = "100 targets × 1,000 regions against one";
    private const string AllocationLaw = "Bytes allocated per sample interval";
    private const double FlatBound = 1.1;
    private const double TargetsBound = 110;
    private const int WarmUpAggregations = 400;

    /// <summary>How many regions there are is partly chance. Times are compared per look; that the looks are as many is checked beside it.</summary>
    private const double LooksMayDiffer = 0.15;

    public static IEnumerable<ComparisonRow> Run(string sources, string builds, int rounds, TimeProvider time)
    {
        foreach (var acts in (bool[])[false, true])
        {
            var what = acts ? "session with schemes that act" : "session that looks";
            foreach (var (name, bytes) in ((string, ulong)[])[("32 GiB", 32UL << 30), ("1 TiB", 1UL << 40)])
            {
                using var small = new SessionRounds(1, 1UL << 30, acts, time);
                using var large = new SessionRounds(1, bytes, acts, time);
                yield return Pair(FlatLaw, $"{what}, {name} against 1 GiB", large, small, rounds, aggregations: (10, 10), FlatBound, ratioOfLooks: 1);
            }

            using var hundred = new SessionRounds(100, 1UL << 30, acts, time);
            using var one = new SessionRounds(1, 1UL << 30, acts, time);
            yield return Pair(TargetsLaw, what + ", looks cost nothing", hundred, one, Math.Max(5, rounds / 3), aggregations: (1, 20), TargetsBound, ratioOfLooks: 100);
            var windows = Enumerable.Range(0, 10).Select(_ => Math.Max(hundred.Run(10).AllocatedBytes, one.Run(50).AllocatedBytes)).ToArray();
            yield return new ComparisonRow(
                AllocationLaw,
                what + ", one and 100 targets",
                $"in {windows.Count(w => w == 0)} of {windows.Length} stretches of 200 intervals nothing; at the most {windows.Max()} B an interval, where a table met its largest number of regions so far"
                    + (acts ? $"; {hundred.AppliedBytes >> 30} GiB paged out meanwhile" : ""),
                $"{windows.Min()} B",
                "0 B",
                windows.Min() == 0 ? "holds" : "MISSED");

            // The pages of an array of this process, which any process may read about itself.
            var pages = GC.AllocateArray<byte>(512 * 4096, pinned: true);
            using var pagemap = new HostRoot().Open("/proc/self/pagemap").Value;
            var firstEntry = (long)Marshal.UnsafeAddrOfPinnedArrayElement(pages, 0) / 4096;
            hundred.ReadPagemap(pagemap, firstEntry, 512);
            one.ReadPagemap(pagemap, firstEntry, 512);
            yield return Pair(TargetsLaw, what + ", each look a read of a pagemap", hundred, one, rounds: 5, aggregations: (1, 20), TargetsBound, ratioOfLooks: 100, isWarm: true);
            GC.KeepAlive(pages);
        }

        var (memoryPath, problem) = CProgram.Build(sources, "memory", builds);
        if (memoryPath.Length == 0 || (problem = LookComparison.WhyFramesAreHidden()).Length > 0)
        {
            yield return ComparisonRow.Skipped(FlatLaw, "idle-page look", problem);
            yield break;
        }

        foreach (var row in Looks(memoryPath, builds, rounds, time))
        {
            yield return row;
        }
    }

    private static ComparisonRow Pair(
        string law, string what, SessionRounds judged, SessionRounds against, int rounds, (int Judged, int Against) aggregations, double bound, double ratioOfLooks, bool isWarm = false)
    {
        if (!isWarm)
        {
            judged.Run(WarmUpAggregations);
            against.Run(WarmUpAggregations);
        }

        var times = new PairedTimes();
        var figures = new PairedTimes();
        double looks = 0, looksAgainst = 0;
        for (var round = 0; round < rounds; round++)
        {
            var a = judged.Run(aggregations.Judged);
            var b = against.Run(aggregations.Against);
            times.Add(a.Nanoseconds / a.Looks * ratioOfLooks, b.Nanoseconds / b.Looks);
            figures.Add(a.Nanoseconds, b.Nanoseconds);
            looks += a.Looks / rounds;
            looksAgainst += b.Looks / rounds;
        }

        if (Math.Abs((looks / looksAgainst / ratioOfLooks) - 1) > LooksMayDiffer)
        {
            throw new InvalidOperationException($"{what}: {looks:0} looks against {looksAgainst:0}: not the same work.");
        }

        var row = ComparisonRow.Of(law, $"{what}; {looks:0} looks an interval against {looksAgainst:0}", times, bound, ratioOfLooks == 1 ? "ratio per look" : "ratio");
        return row with { Figures = $"{ComparisonRow.Nanoseconds(figures.First)} against {ComparisonRow.Nanoseconds(figures.Second)} an interval; per look, {times.Rounds} pairs, half of them {times.RatioAt(0.25):0.00}–{times.RatioAt(0.75):0.00}" };
    }

    private static IEnumerable<ComparisonRow> Looks(string memoryPath, string builds, int rounds, TimeProvider time)
    {
        const ulong Frames = 1UL << 25;
        using var smallMemory = new WatchedMemory(memoryPath, 1UL << 30, 1000, gapPages: 32, hugePages: false);
        using var largeMemory = new WatchedMemory(memoryPath, 1UL << 40, 1000, gapPages: 32, hugePages: false);
        using var smallHost = new LookHost(smallMemory.Pid, builds, Frames);
        using var largeHost = new LookHost(largeMemory.Pid, builds, Frames);
        using var small = new LookRounds(smallHost.Root, smallMemory.Pid, smallMemory.Addresses, time);
        using var large = new LookRounds(largeHost.Root, largeMemory.Pid, largeMemory.Addresses, time);
        small.Run(10);
        large.Run(10);

        // How many frames lie side by side, and with it how many calls a whole look takes, is the kernel's allocation and not the size of the memory. So the bound is on finding the pages,
        // whose calls are the same ones; the whole look is shown beside it.
        using var smallPagemap = new HostRoot().Open($"/proc/{smallMemory.Pid}/pagemap").Value;
        using var largePagemap = new HostRoot().Open($"/proc/{largeMemory.Pid}/pagemap").Value;
        var pagemaps = new PairedTimes();
        var whole = new PairedTimes();
        long calls = 0, callsOfSmall = 0;
        for (var round = -5; round < rounds; round++)
        {
            var a = large.Run(4);
            var b = small.Run(4);
            var ofLarge = ReadEntries(largePagemap, largeMemory.Addresses, time);
            var ofSmall = ReadEntries(smallPagemap, smallMemory.Addresses, time);
            if (round >= 0)
            {
                calls = CallsOf(a.Calls) / 4;
                callsOfSmall = CallsOf(b.Calls) / 4;
                whole.Add(a.Nanoseconds / 4, b.Nanoseconds / 4);
                pagemaps.Add(ofLarge, ofSmall);
            }
        }

        yield return ComparisonRow.Of(FlatLaw, "pagemap entries of 1,000 pages of a real process, 1 TiB mapped against 1 GiB", pagemaps, FlatBound);
        yield return ComparisonRow.Of(FlatLaw, $"the whole idle-page look at them; {calls} calls a look against {callsOfSmall}, by where the kernel put the pages", whole, bound: null);
    }

    private static double ReadEntries(HostFile pagemap, ulong[] addresses, TimeProvider time)
    {
        Span<byte> entry = stackalloc byte[sizeof(ulong)];
        var began = time.GetTimestamp();
        for (var repeat = 0; repeat < 4; repeat++)
        {
            foreach (var address in addresses)
            {
                pagemap.ReadAt(entry, (long)(address / 4096 * sizeof(ulong)));
            }
        }

        return (time.GetTimestamp() - began) * (1e9 / time.TimestampFrequency) / 4;
    }

    private static long CallsOf(IdlePageCalls calls) => calls.PagemapReads + calls.FlagReads + calls.BitmapReads + calls.BitmapWrites;
}
